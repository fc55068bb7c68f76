// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { classifyExit, type ExitSigns } from './classify-exit.ts';
import { eventsFile, parseMemoryKills } from './memory-kills.ts';

/** Lines as engines write them, with what they mean. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  device_memory: [
    'ggml_backend_cuda_buffer_type_alloc_buffer: allocating 144817.04 MiB on device 0: cudaMalloc failed: out of memory',
    'alloc_tensor_range: failed to allocate CUDA0 buffer of size 151851674624',
    'llama_model_load: error loading model: unable to allocate CUDA0 buffer',
    'CUDA error: out of memory',
    'ROCm error: out of memory',
    'ggml_vulkan: Device memory allocation of size 4294967296 failed. vk::Device::allocateMemory: ErrorOutOfDeviceMemory',
    'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.63 GiB (GPU 0; 44.56 GiB total capacity)',
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 224.00 MiB. GPU 0 has a total capacity of 11.53 GiB',
    'ValueError: Free memory on device cuda:1 (19.77/22.05 GiB) on startup is less than desired GPU memory utilization (0.9, 19.84 GiB).',
    'ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.',
    'Error: Warmup(Generation("Not enough memory to handle 4096 prefill tokens. You need to decrease `--max-batch-prefill-tokens`"))',
    'RuntimeError: Not enough memory to handle 16000 total tokens with 2 prefill tokens.',
    '[TensorRT-LLM][ERROR] CUDA runtime error in ::cudaMallocAsync(ptr, n, mCudaStream->get()): out of memory (tllmBuffers.h:112)',
    '[TRT] [E] 1: [defaultAllocator.cpp::allocate::20] Error Code 1: Cuda Runtime (out of memory)',
  ],
  host_memory: [
    "terminate called after throwing an instance of 'std::bad_alloc'",
    'ggml_aligned_malloc: insufficient memory (attempted to allocate 9000.00 MB)',
    'MemoryError',
    "RuntimeError: [enforce fail at alloc_cpu.cpp:114] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 65 bytes.",
    'OSError: [Errno 12] Cannot allocate memory',
    'Shard process was signaled to shutdown with signal 9 rank=0',
  ],
  port_in_use: [
    "couldn't bind HTTP server socket, hostname: 127.0.0.1, port: 8080",
    'OSError: [Errno 98] error while attempting to bind on address: address already in use',
  ],
  load_failed: ["llama_model_load: error loading model: tensor 'blk.1' data is not within the file bounds"],
  exited: [
    'If out-of-memory error occurs during cudagraph capture, consider decreasing `gpu_memory_utilization`',
    'nothing special',
  ],
};

function reasonOf(signs: Partial<ExitSigns>): string {
  return classifyExit({ logTail: [], ...signs }).reason;
}

verifies('ORCH-1415', 'each engine gives its reason away in its last lines', () => {
  for (const [reason, lines] of Object.entries(LINES)) {
    for (const line of lines) {
      expect([line, reasonOf({ exitCode: 1, logTail: ['before', line, 'Traceback', 'after'] })]).toEqual([
        line,
        reason,
      ]);
    }
  }
});

verifies('ORCH-1415', 'an engine that the kernel killed for memory is told from one that somebody killed', () => {
  expect(reasonOf({ signal: 'SIGKILL', memoryKills: 1 })).toBe('host_memory');
  expect(reasonOf({ exitCode: 137, memoryKills: 2 })).toBe('host_memory');
  expect(reasonOf({ signal: 'SIGKILL', memoryKills: 0 })).toBe('killed');
  expect(reasonOf({ signal: 'SIGKILL' })).toBe('killed');
  expect(reasonOf({ signal: 'SIGSEGV', memoryKills: 1 })).toBe('killed');
});

verifies('ORCH-1415', 'device and host memory are told as different reasons with different cures', () => {
  const device = classifyExit({ exitCode: 1, logTail: LINES['device_memory']?.slice(0, 1) ?? [] });
  const host = classifyExit({ signal: 'SIGKILL', memoryKills: 1, logTail: [] });
  expect(device).toMatchObject({ message: 'The memory of its device ran out: it exited with 1 status.', exitCode: 1 });
  expect(host).toMatchObject({ message: 'The memory of the host ran out: the kernel killed it.', signal: 'SIGKILL' });
  expect(device.cure).not.toBe(host.cure);
});

verifies('ORCH-1415', 'an engine that was stopped has no fault, whatever it wrote', () => {
  expect(reasonOf({ signal: 'SIGTERM', wasStopped: true, logTail: ['CUDA error: out of memory'] })).toBe('stopped');
});

verifies('ORCH-1415', 'the kernel counts its kills for memory in two files', () => {
  expect(parseMemoryKills('low 0\nhigh 0\nmax 4\noom 2\noom_kill 3\noom_group_kill 0\n')).toBe(3);
  expect(parseMemoryKills('nr_free_pages 1\noom_kill 12\ndrop_pagecache 0\n')).toBe(12);
  expect(parseMemoryKills('oom 2\n')).toBeUndefined();
  expect(eventsFile('0::/\n')).toBe('/sys/fs/cgroup/memory.events');
  expect(eventsFile('1:cpu:/x\n0::/system.slice/a.service\n')).toBe(
    '/sys/fs/cgroup/system.slice/a.service/memory.events',
  );
  expect(eventsFile('4:memory:/old\n')).toBeUndefined();
});
