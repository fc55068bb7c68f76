// SPDX-License-Identifier: MIT

/** A command for a shell that submits a task at `url` and streams it; `needsToken` when the service asks for one. */
export function curlCommand(url: string, needsToken: boolean): string {
  const auth = needsToken ? ' -H "Authorization: Bearer $LLORCH_API_TOKEN"' : '';
  const submit = `curl -s${auth} -H 'Content-Type: application/json' -d '{"prompt":"Write a haiku about the word river."}' ${url}/v1/tasks`;
  return `curl -sN${auth} "${url}/v1/tasks/$(${submit} | sed 's/.*"task_id":"\\([^"]*\\)".*/\\1/')/stream"`;
}
