import type { LockEnvironment } from '../../../src/core/locks/locked.js';

export const PYTHON_313: LockEnvironment = { python: '3.13.5', machine: 'x86_64', glibc: '2.41' };
export const PYTHON_311: LockEnvironment = { python: '3.11.9', machine: 'x86_64', glibc: '2.36' };
