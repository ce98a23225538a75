/** The ways in which a request can fail, with the code and the sentence of each. */
import { type ExitCode, exitCodes } from '@kata/core';

interface Problem {
  readonly code: `KATA_KUBE_${string}`;
  readonly says: string;
  readonly exitCode: ExitCode;
  readonly mayPass: boolean;
}

const again = { exitCode: exitCodes.temporary, mayPass: true } as const;
const final = { exitCode: exitCodes.precondition, mayPass: false } as const;

export const problems = {
  unreachable: { ...again, code: 'KATA_KUBE_UNREACHABLE', says: 'gave no answer' },
  conflict: { ...again, code: 'KATA_KUBE_CONFLICT', says: 'says that somebody else changes it all the time' },
  overloaded: {
    ...again,
    code: 'KATA_KUBE_OVERLOADED',
    says: 'says that the API server has too much to do',
  },
  server: { ...again, code: 'KATA_KUBE_SERVER', says: 'is a fault of the API server' },
  unauthorized: { ...final, code: 'KATA_KUBE_UNAUTHORIZED', says: 'says that our credentials are not valid' },
  forbidden: { ...final, code: 'KATA_KUBE_FORBIDDEN', says: 'says that we may not' },
  absent: { ...final, code: 'KATA_KUBE_NOT_FOUND', says: 'says that there is none' },
  refused: {
    code: 'KATA_KUBE_REFUSED',
    says: 'says that the request is wrong',
    exitCode: exitCodes.bug,
    mayPass: false,
  },
} as const satisfies Readonly<Record<string, Problem>>;

export type ApiProblem = (typeof problems)[keyof typeof problems];
export type ApiProblemCode = ApiProblem['code'];
