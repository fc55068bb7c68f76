// SPDX-License-Identifier: MIT

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A task's UUID, chosen by the client or made by the server; the idempotency key. */
export type TaskId = Branded<'TaskId'>;
/** One admitted execution; a replay is the same job, a new attempt. */
export type JobId = Branded<'JobId'>;
/** A client's session. */
export type SessionId = Branded<'SessionId'>;
/** A pool's configured name. */
export type PoolId = Branded<'PoolId'>;
/** A replica's name, unique in its pool. */
export type ReplicaId = Branded<'ReplicaId'>;
/** A key's name in the key file. */
export type KeyId = Branded<'KeyId'>;
