// SPDX-License-Identifier: MIT
import type { EndFrame, ErrorFrame, TaskFrame } from '@llama-orch/client';
import type { CliHost } from '../cli-host.ts';
import { formatDuration } from './format-duration.ts';
import { formatPlace } from './format-place.ts';
import { createLiveLine } from './live-line.ts';
import type { Printer } from './printer.ts';

/** Shows one task's stream. */
export interface RunView {
  show(frames: readonly TaskFrame[]): void;
  /** Leaves the screen as it should be; call it also when the stream broke. */
  close(): void;
}

/** A view that writes the text to standard output and everything else to standard error. */
export function createRunView(host: CliHost, printer: Printer): RunView {
  const live = createLiveLine(host.stderr);
  let text = '';
  const endLine = (): void => {
    // A prompt must not stick to the text; a file or pipe gets the text and nothing else.
    if (host.stdout.isTerminal && text !== '' && !text.endsWith('\n')) printer.output('\n');
    text = '';
  };
  const showFrame = (frame: TaskFrame): void => {
    printer.item({ event: frame.event, id: frame.id, data: frame.data });
    if (frame.event === 'token') {
      live.clear();
      text += frame.data.t;
      printer.output(frame.data.t);
    } else if (frame.event === 'started' || (frame.event === 'metrics' && frame.data.state === 'queued')) {
      live.show(formatPlace(frame.data));
    } else {
      live.clear();
      if (frame.event === 'metrics') return;
      endLine();
      printer.note(frame.event === 'end' ? formatEnd(frame.data) : formatFailure(frame.data));
    }
  };
  return {
    show: (frames) => frames.forEach(showFrame),
    close() {
      live.clear();
      endLine();
    },
  };
}

function formatEnd({ tokens_out, decode_time_ms, finish_reason, receipt }: EndFrame): string {
  const rate = decode_time_ms > 0 ? ` (${Math.round((tokens_out * 1000) / decode_time_ms)}/s)` : '';
  const summary = `${finish_reason}: ${tokens_out} tokens in ${formatDuration(decode_time_ms)}${rate}`;
  if (receipt === undefined) return summary;
  return `${summary}, seed ${receipt.seed}, ${receipt.model_id} on ${receipt.replica_id}`;
}

function formatFailure({ code, message, retry_after_ms }: ErrorFrame): string {
  const retry = retry_after_ms === undefined ? '' : `; retry in ${formatDuration(retry_after_ms)}`;
  return `${code}: ${message}${retry}`;
}
