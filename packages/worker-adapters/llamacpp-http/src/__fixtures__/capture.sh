#!/bin/sh
# SPDX-License-Identifier: MIT
# Records answers of a running llama-server byte for byte, heads and chunk framing included. Usage and engine: README.md.
set -eu
plain=$1 # llama-server -m haiku-tiny.gguf -np 2 -c 1024 --metrics
tight=$2 # llama-server -m haiku-tiny.gguf -np 2 -c 256 --kv-unified
vectors=$3 # llama-server -m haiku-tiny.gguf -np 1 --embeddings --pooling mean
tools=$4 # llama-server -m tools.gguf -np 1 -c 2048
ranker=$5 # llama-server -m ranker.gguf -np 1 --reranking
out=$(dirname "$0")/recorded

get() { curl -si --raw -N "$2$3" >"$out/$1.http"; }
post() { curl -si --raw -N -H 'Content-Type: application/json' "$2$3" -d "$4" >"$out/$1.http"; }
complete() { post "$1" "$plain" /completion "$2"; }

haiku='<|im_start|>user\nwrite a haiku about rain<|im_end|>\n<|im_start|>assistant\n'
greedy='"stream":true,"temperature":0,"seed":7,"cache_prompt":false,"return_progress":true'
fields='"response_fields":["content","stop","stop_type","tokens_predicted","tokens_evaluated","timings"]'

get health-ready "$plain" /health
get props "$plain" /props
get metrics "$plain" /metrics
complete end-of-text "{\"prompt\":\"$haiku\",\"n_predict\":60,$greedy,$fields}"
get slots-idle "$plain" /slots
complete limit "{\"prompt\":\"$haiku\",\"n_predict\":5,$greedy,$fields}"
complete stop-word "{\"prompt\":\"$haiku\",\"n_predict\":60,\"stop\":[\"the\"],$greedy,$fields}"
complete all-fields "{\"prompt\":\"$haiku\",\"n_predict\":3,\"stream\":true,\"temperature\":0}"
complete escapes "{\"prompt\":\"a\",\"n_predict\":30,$greedy,$fields,\"grammar\":\"root ::= \\\"\\\\\\\"a\\\\n\\\\\\\\b\\\\t\\\\\\\"\\\"\"}"
complete utf8 "{\"prompt\":\"a\",\"n_predict\":30,$greedy,$fields,\"grammar\":\"root ::= \\\"雨 🌧 ü\\\"\"}"
complete bad-grammar '{"prompt":"a","n_predict":2,"stream":true,"grammar":"root ::= ((("}'
complete bad-json '{bad'
complete too-long "{\"prompt\":\"$(yes rain | head -700 | tr '\n' ' ')\",\"n_predict\":2,\"stream\":true}"
post template "$plain" /apply-template '{"messages":[{"role":"user","content":"write a haiku about rain"}]}'
post no-embeddings "$plain" /v1/embeddings '{"input":["a"]}'
get no-metrics "$tight" /metrics
post embeddings "$vectors" /v1/embeddings '{"input":["rain","snow"],"encoding_format":"float"}'
post tokenize "$plain" /tokenize '{"content":"write a haiku about rain","add_special":true,"parse_special":true,"with_pieces":false}'

get tools-props "$tools" /props
post tool-call "$tools" /v1/chat/completions "{\"messages\":[{\"role\":\"user\",\"content\":\"7?\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"find\",\"parameters\":{\"type\":\"object\",\"properties\":{\"n\":{\"enum\":[7]}},\"required\":[\"n\"]}}}],\"tool_choice\":\"required\",\"max_tokens\":60,\"reasoning_format\":\"none\",\"stream_options\":{\"include_usage\":true},$greedy}"
post rerank "$ranker" /v1/rerank '{"query":"rain","documents":["soup","rain on the hill"],"top_n":2}'
post no-rerank "$plain" /v1/rerank '{}'

# Two endless generations that share one small cache: it runs out in the middle of both.
endless="{\"prompt\":\"a\",\"n_predict\":1000,$greedy,$fields,\"ignore_eos\":true}"
curl -s -N "$tight/completion" -d "$endless" >/dev/null &
post cache-exhausted "$tight" /completion "$endless"
wait
