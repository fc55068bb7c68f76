// SPDX-License-Identifier: MIT
export { openapiDocument } from './generated/openapi-document.ts';
export { parameterValidators, schemaValidators, type ParameterValidators } from './generated/validators.ts';
export type { Validator, Violation } from './validator.ts';
