/** The ways in which a request can fail, each with its code and text. */
import { type ExitCode, exitCodes } from '@kata/core';

interface Problem {
  readonly code: `KATA_KUBE_${string}`;
  readonly text: string;
  readonly exitCode: ExitCode;
  readonly isTemporary: boolean;
}

const temporary = { exitCode: exitCodes.temporary, isTemporary: true } as const;
const final = { exitCode: exitCodes.precondition, isTemporary: false } as const;

export const problems = {
  unreachable: { ...temporary, code: 'KATA_KUBE_UNREACHABLE', text: 'did not answer' },
  conflict: { ...temporary, code: 'KATA_KUBE_CONFLICT', text: 'it is being modified concurrently' },
  overloaded: { ...temporary, code: 'KATA_KUBE_OVERLOADED', text: 'the API server is overloaded' },
  server: { ...temporary, code: 'KATA_KUBE_SERVER', text: 'internal error of the server' },
  unauthorized: { ...final, code: 'KATA_KUBE_UNAUTHORIZED', text: 'the credentials are not valid' },
  forbidden: { ...final, code: 'KATA_KUBE_FORBIDDEN', text: 'forbidden' },
  absent: { ...final, code: 'KATA_KUBE_NOT_FOUND', text: 'not found' },
  refused: {
    code: 'KATA_KUBE_REFUSED',
    text: 'the request is not valid',
    exitCode: exitCodes.bug,
    isTemporary: false,
  },
} as const satisfies Readonly<Record<string, Problem>>;

export type ApiProblem = (typeof problems)[keyof typeof problems];
export type ApiProblemCode = ApiProblem['code'];
