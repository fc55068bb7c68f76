// SPDX-License-Identifier: MIT

/** One frame as a client sees it. */
export interface Frame {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Frames of a stream, without comments. */
export function framesOf(text: string): readonly Frame[] {
  const blocks = text.split('\n\n').filter((block) => block !== '' && !block.startsWith(':'));
  return blocks.map((block) => {
    const lines = block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]);
    const { id = '', event = '', data = '' } = Object.fromEntries(lines) as Record<string, string>;
    return { id, event, data: JSON.parse(data) as Record<string, unknown> };
  });
}

/** Frames that are stored: all but the live figures. */
export function storedFramesOf(text: string): readonly Frame[] {
  return framesOf(text).filter(({ event }) => event !== 'metrics');
}

/** The text of all token frames. */
export function textOf(text: string): string {
  return framesOf(text).reduce((all, { event, data }) => (event === 'token' ? all + String(data['t']) : all), '');
}

/** Reads a stream until a frame of the event has come, and leaves it. */
export async function readUntil(answer: Response, event: string): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of answer.body ?? new ReadableStream<Uint8Array>()) {
    text += decoder.decode(bytes as Uint8Array, { stream: true });
    if (text.includes(`event: ${event}\n`) && text.endsWith('\n\n')) return text;
  }
  throw new Error(`The stream ended without ${event}: ${text}`);
}
