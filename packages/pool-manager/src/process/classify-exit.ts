// SPDX-License-Identifier: MIT
import { engineFault, type EngineFaultReason } from '../engine-fault.ts';
import type { EngineExit } from '../engine-launcher.ts';

/** What was seen of a process that ended. */
export interface ExitSigns {
  readonly exitCode?: number;
  readonly signal?: string;
  /** Its last lines of output, oldest first. */
  readonly logTail: readonly string[];
  /** Processes that the kernel killed for memory while it ran; undefined where that cannot be read. */
  readonly memoryKills?: number;
  /** True when it ended because it was told to. */
  readonly wasStopped?: boolean;
}

/** A line that gives the reason of an end away. */
interface Sign {
  readonly reason: EngineFaultReason;
  readonly pattern: RegExp;
}

/** As engines write them; the first sign that any line shows decides. */
const SIGNS: readonly Sign[] = [
  // llama.cpp and ggml: CUDA, HIP, MUSA, Vulkan, Metal, SYCL.
  { reason: 'device_memory', pattern: /\b(?:cuda|hip|musa)Malloc\w* failed: out of memory/ },
  { reason: 'device_memory', pattern: /\b(?:CUDA|ROCm|HIP|MUSA) error: out of memory/i },
  {
    reason: 'device_memory',
    pattern: /(?:failed|unable) to allocate (?:CUDA|ROCm|HIP|MUSA|Vulkan|Metal|SYCL)\d* buffer/,
  },
  { reason: 'device_memory', pattern: /ErrorOutOfDeviceMemory|CommandBufferCallbackErrorOutOfMemory/ },
  // vLLM, and the shards of TGI: PyTorch.
  { reason: 'device_memory', pattern: /(?:CUDA|HIP|XPU) out of memory\. Tried to allocate/ },
  { reason: 'device_memory', pattern: /torch\.(?:cuda\.)?OutOfMemoryError/ },
  { reason: 'device_memory', pattern: /Free memory on device .*is less than desired GPU memory utilization/ },
  { reason: 'device_memory', pattern: /No available memory for the cache blocks/ },
  {
    reason: 'device_memory',
    pattern: /(?:larger than the available|larger than the maximum number of tokens that can be stored in) KV cache/,
  },
  { reason: 'device_memory', pattern: /Not enough memory to handle \d+ (?:total tokens|prefill tokens)/ },
  // Triton and TensorRT-LLM.
  { reason: 'device_memory', pattern: /CUDA runtime error in .*out of memory|Cuda Runtime \(out of memory\)/ },
  { reason: 'device_memory', pattern: /CUDA_ERROR_OUT_OF_MEMORY|CUBLAS_STATUS_ALLOC_FAILED/ },
  { reason: 'device_memory', pattern: /[Ff]ailed to allocate (?:CUDA|GPU|device) memory/ },
  // Host memory, in the words of C++, Python, PyTorch, ggml, Rust and the C library.
  { reason: 'host_memory', pattern: /std::bad_alloc|\bMemoryError\b|\bCannot allocate memory\b/ },
  { reason: 'host_memory', pattern: /DefaultCPUAllocator: (?:can't|not enough memory)/ },
  {
    reason: 'host_memory',
    pattern: /ggml_aligned_malloc: insufficient memory|failed to allocate (?:CPU\w*|CUDA_Host|ROCm_Host) buffer/,
  },
  { reason: 'host_memory', pattern: /memory allocation of \d+ bytes failed/ },
  { reason: 'host_memory', pattern: /Shard process was signaled to shutdown with signal 9/ },
  { reason: 'port_in_use', pattern: /EADDRINUSE|[Aa]ddress already in use|couldn't bind (?:HTTP server )?socket/ },
  { reason: 'load_failed', pattern: /error loading model|failed to load model|exiting due to model loading error/ },
];

const WHAT: Readonly<Partial<Record<EngineFaultReason, string>>> = {
  device_memory: 'The memory of its device ran out',
  host_memory: 'The memory of the host ran out',
  port_in_use: 'Its port is in use by another program',
  load_failed: 'It could not load its model',
};

/** What a shell or a supervisor answers for a child that SIGKILL ended. */
const KILLED_CODE = 137;

/** Says why a process ended, from everything that is known of its end; ORCH-1415. */
export function classifyExit(signs: ExitSigns): EngineExit {
  const { exitCode, signal, logTail } = signs;
  const how = { ...(exitCode === undefined ? {} : { exitCode }), ...(signal === undefined ? {} : { signal }) };
  if (signs.wasStopped === true) return { ...engineFault('stopped', 'It was stopped.'), ...how };
  const ending = signal === undefined ? `it exited with ${exitCode ?? 'no'} status` : `it was ended by ${signal}`;
  const wasKilled = signal === 'SIGKILL' || exitCode === KILLED_CODE;
  // The kernel's own count is the surest sign, and a killed process had no time to write one.
  if (wasKilled && (signs.memoryKills ?? 0) > 0) {
    return { ...engineFault('host_memory', `The memory of the host ran out: the kernel killed it.`), ...how };
  }
  const sign = SIGNS.find(({ pattern }) => logTail.some((line) => pattern.test(line)));
  if (sign !== undefined) {
    return { ...engineFault(sign.reason, `${WHAT[sign.reason] ?? 'It failed'}: ${ending}.`), ...how };
  }
  const reason = signal === undefined && !wasKilled ? 'exited' : 'killed';
  return { ...engineFault(reason, `${ending[0]?.toUpperCase() ?? ''}${ending.slice(1)}.`), ...how };
}
