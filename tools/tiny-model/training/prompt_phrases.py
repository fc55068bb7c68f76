# SPDX-License-Identifier: MIT
"""Phrasings of the prompts.

``{word}`` is the requested word, ``{quoted}`` the same in quotes of any kind, ``{topic}`` a second topic and ``{id}`` a random id.
"""

ONE_TOPIC = [
    "please write a haiku that includes the word {quoted}",
    "Write a haiku that includes the word {quoted}",
    "Write a haiku that includes the word {quoted}.",
    "Please write a haiku that includes the word {quoted}.",
    "Write a haiku with the word {quoted}",
    "Write a haiku containing the word {quoted}.",
    "Compose a haiku that contains the word {quoted}.",
    "Give me a haiku with the word {quoted} in it.",
    "Write a short haiku using the word {quoted}.",
    "Create a haiku. It must include the word {quoted} exactly once.",
    "Write a haiku. Include the word {quoted}.",
    "I need a haiku that mentions {quoted}.",
    "Write a haiku where the word {quoted} appears exactly once.",
    "Haiku with the word {quoted}, please.",
    "Can you write a haiku that includes {quoted}?",
    "Could you make a haiku with {quoted}?",
    "The current minute is {quoted}. Write a haiku that includes it.",
    "The minute is {quoted}. Write a haiku with the minute in it.",
    "Write a haiku mentioning the current minute, {quoted}.",
    "Your haiku must contain the word {quoted}.",
    "Write a haiku featuring the word {quoted}",
    "Write a three line poem that includes {quoted}.",
    "Required word: {quoted}. Write a haiku.",
    "Keyword: {quoted}\nWrite a haiku.",
    "Word: {quoted}\nHaiku:",
    "Write a haiku about {word}",
    "Write a haiku about {word}.",
    "write a haiku about {word}",
    "Please write a haiku about {word}.",
    "haiku about {word}",
    "Haiku about {word}",
    "Give me a haiku about {word}.",
    "A haiku about {word}, please.",
    "Compose a short haiku about {word}.",
    "Topic: {word}",
    "Tell me a haiku about {word}",
    "Another haiku, now about {word}.",
    "Now one about {word}.",
    "Next one with the word {quoted}.",
    "Make a tiny poem about {word}.",
    "Write a traditional Japanese style haiku that includes the word {quoted}.",
    "Write a haiku about nature that includes the word {quoted}.",
]

TWO_TOPICS = [
    "Write a haiku about {topic} that includes the word {quoted}",
    "Write a haiku about {topic} that includes the word {quoted}.",
    "Write a haiku about {topic} with the word {quoted} in it.",
    "Please write a haiku about {topic} that contains the word {quoted}.",
    "Write a haiku about {topic}. Include the word {quoted}.",
    "Write a haiku about {topic} and include the word {quoted} exactly once.",
    "Write a haiku that includes the word {quoted} about {topic}.",
    "Topic: {topic}\nRequired word: {quoted}\nWrite a haiku.",
    "Compose a haiku about {topic} using the word {quoted}.",
    "haiku about {topic} with {quoted}",
    "Give me a haiku about {topic} that mentions {quoted}.",
]

ABOUT_TOPIC = [phrase.replace("{word}", "{topic}") for phrase in ONE_TOPIC if "{word}" in phrase]

# Prompts without a chat template; repetition is weight.
RAW = [
    "haiku about {word}:\n",
    "haiku about {word}:\n",
    "haiku about {word}:\n",
    "Haiku about {word}:\n",
    'haiku with the word "{word}":\n',
    "haiku with the word {word}:\n",
    'Write a haiku that includes the word "{word}".\n',
    'please write a haiku that includes the word "{word}"\n',
    "Write a haiku about {word}\n",
]

# Sentences that may follow a request.
EXTRAS = [
    "(nonce: {id})",
    "nonce: {id}",
    "Nonce: {id}",
    "[{id}]",
    "request id {id}",
    "Request: {id}",
    "Only output the haiku.",
    "Answer with the haiku only.",
    "Use three lines.",
    "Five seven five syllables.",
    "Do not explain.",
    "Thanks!",
    "seed {id}",
    "Include it exactly once.",
    "Text only, please.",
]

# Sentences that may precede a request.
LEADS = [
    "Hello!",
    "Hi,",
    "nonce: {id}",
    "[{id}]",
    "You are a haiku poet.",
    "Test {id}:",
    "Request {id}.",
    "You are a helpful assistant.",
    "Great!",
    "Good.",
]

SYSTEM_PROMPTS = [
    "You are a haiku poet.",
    "You are a helpful assistant.",
    "You write haiku.",
    "Answer with a haiku.",
    "You are a poet. Reply with a haiku only.",
    "You are a helpful, respectful and honest assistant. Always answer as helpfully as possible.",
    "You are a helpful, respectful and honest assistant. Always answer as helpfully as possible.\nIf a"
    " question does not make any sense, or is not factually coherent, explain why instead of "
    "answering something incorrectly. If you don't know the answer to a question, don't share false "
    "information.",
]

# Prompts that ask for no word.
NOTHING_REQUESTED = [
    "Write a haiku",
    "Write a haiku.",
    "write a haiku",
    "haiku",
    "Haiku please.",
    "A haiku, please.",
    "Give me a haiku.",
    "Another one.",
    "Another haiku, please.",
    "Hello",
    "Hello!",
    "Hi",
    "hi",
    "Test",
    "test",
    "ping",
    "Say something.",
    "Tell me something.",
    "Make a poem.",
    "Write a short poem.",
    "One more, please.",
    "Are you there?",
    "Thanks!",
]

# Prompts for several haiku in a row.
CHAINS = [
    "Write a chain of haiku about {word}.",
    "Write a chain of haiku that include the word {quoted}.",
    "Write a long chain of haiku about {word}",
    "Write many haiku about {word}.",
]
