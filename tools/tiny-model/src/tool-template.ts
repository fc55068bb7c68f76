// SPDX-License-Identifier: MIT

/** A chat template that shows tools, their calls and their answers to the model; calls stand between `<tool_call>` tags as JSON. */
export const toolTemplate = `
{%- if tools %}<|im_start|>system
Tools:
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
Call: <tool_call>
{"name": name, "arguments": object}
</tool_call><|im_end|>
{% endif %}
{%- for message in messages %}{{ '<|im_start|>' + message.role + '\\n' }}
{%- if message.content %}{{ message.content }}{% endif %}
{%- if message.tool_calls %}{%- for call in message.tool_calls %}{{ '<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}
{{- call.function.arguments | tojson }}{{ '}\\n</tool_call>' }}
{%- endfor %}{%- endif %}{{ '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`.trimStart();

/** What a scripted model says to call the tool `find` with `{"n": 7}`. */
export const toolCallScript: readonly string[] = [
  'I ask',
  '. ',
  '<tool_call>\n',
  '{"name": "',
  'find',
  '", "arguments": ',
  '{"n": ',
  '7',
  '}',
  '}\n</tool_call>',
];
