// What can go wrong with a request, and how it is said to a person.
import { word, type Dictionary } from './text';

export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/**
 * The tree of failures:
 *   Failure
 *     unreachable   no answer came: no network, server down, or too slow
 *     refused       the server answered with a problem (RFC 9457)
 */
export type Failure =
  | { readonly kind: 'unreachable' }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly title: string;
      readonly detail: string;
      readonly errors: readonly FieldProblem[];
      /** From `Retry-After`, in seconds. */
      readonly retryAfter: number | null;
    };

export class RequestFailed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind === 'unreachable' ? 'no answer' : `${failure.status} ${failure.title}`);
  }
}

/** Whether the same may do later: no network, nobody signed in, too much at once, or a server in trouble. */
export function isPassing(failure: Failure): boolean {
  return failure.kind === 'unreachable' || failure.status === 401 || failure.status === 429 || failure.status >= 500;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof RequestFailed) return error.failure;
  throw error;
}

/** `body` is what stood in the answer; anything that is no problem document leaves the status alone to speak. */
export function refused(status: number, body: unknown, retryAfter: string | null): Failure {
  const problem = isRecord(body) ? body : {};
  return {
    kind: 'refused',
    status,
    title: asString(problem['title']),
    detail: asString(problem['detail']),
    errors: Array.isArray(problem['errors']) ? problem['errors'].filter(isFieldProblem) : [],
    retryAfter: seconds(retryAfter),
  };
}

/** One readable paragraph: what happened, then every field with its own fault, then what to do. */
export function explain(failure: Failure, text: Dictionary): string {
  if (failure.kind === 'unreachable') return text.problem.unreachable;
  const parts: string[] = [];
  if (failure.errors.length > 0) {
    for (const { field, message } of failure.errors) parts.push(text.problem.field(fieldName(field, text), message));
  } else if (failure.status === 429) {
    parts.push(text.problem.tooMany(failure.retryAfter));
  } else {
    parts.push(known(failure.status, text) ?? (failure.detail || failure.title || text.problem.other(failure.status)));
    const said = failure.detail || failure.title;
    if (failure.status === 409 && said !== '') parts.push(text.problem.server(said));
  }
  return parts.join(' ');
}

function known(status: number, text: Dictionary): string | null {
  if (status === 401) return text.problem.loggedOut;
  if (status === 403) return text.problem.forbidden;
  if (status === 404) return text.problem.notFound;
  if (status === 409) return text.problem.conflict;
  if (status === 413) return text.problem.tooLarge;
  if (status === 412 || status === 428) return text.problem.stale;
  if (status >= 500) return text.problem.serverFault(status);
  return null;
}

// FastAPI names a field by its way from the body: "body.note" is shown as "Note".
function fieldName(field: string, text: Dictionary): string {
  const line = /^line (\d+)$/.exec(field);
  if (line !== null) return text.problem.line(Number(line[1]));
  const last = field.split('.').at(-1) ?? field;
  return word(text.fields, last) ?? last;
}

function seconds(header: string | null): number | null {
  if (header === null) return null;
  const count = Number(header);
  if (Number.isFinite(count)) return Math.max(0, Math.ceil(count));
  const until = Date.parse(header);
  return Number.isNaN(until) ? null : Math.max(0, Math.ceil((until - Date.now()) / 1000));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isFieldProblem(value: unknown): value is FieldProblem {
  return isRecord(value) && typeof value['field'] === 'string' && typeof value['message'] === 'string';
}

function asString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
