/** The only file that knows HTTP: asks this notebook server, and turns every failure into a `ServiceError` that a person can read. */

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { ErrorBody, Reason } from './contract';

const ROOT = 'gatehouse';

/** A refusal or failure with its reason code; `message` is one line for a person. */
export class ServiceError extends Error {
  constructor(
    readonly status: number,
    readonly reason: Reason,
    message: string
  ) {
    super(message);
    this.name = 'ServiceError';
  }
}

/** What a failure means where nobody said it: this server, or the way to it, is gone. */
export function toServiceError(cause: unknown): ServiceError {
  return cause instanceof ServiceError
    ? cause
    : new ServiceError(
        0,
        'service_unavailable',
        'This notebook server is not answering. Check the network; nothing was stopped.'
      );
}

/** Ask the server extension and return its JSON; `undefined` where it answers without a body. */
export async function requestAPI<T>(
  path: string,
  settings: ServerConnection.ISettings,
  init: RequestInit = {}
): Promise<T> {
  const response = await send(path, settings, init);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Open a stream of server-sent events. Ends by `signal`. */
export async function openStream(
  path: string,
  settings: ServerConnection.ISettings,
  signal: AbortSignal
): Promise<ReadableStream<Uint8Array>> {
  const response = await send(path, settings, { signal, headers: { Accept: 'text/event-stream' } });
  if (response.body === null) {
    throw toServiceError(null);
  }
  return response.body;
}

async function send(
  path: string,
  settings: ServerConnection.ISettings,
  init: RequestInit
): Promise<Response> {
  let response: Response;
  try {
    response = await ServerConnection.makeRequest(URLExt.join(settings.baseUrl, ROOT, path), init, settings);
  } catch (cause) {
    throw toServiceError(cause);
  }
  if (!response.ok) {
    throw await errorFrom(response);
  }
  return response;
}

/** Read the one error shape; a foreign body, such as a proxy's page, counts as the server being away. */
export async function errorFrom(response: Response): Promise<ServiceError> {
  try {
    const { error } = (await response.json()) as ErrorBody;
    return new ServiceError(error.status, error.reason, error.message);
  } catch {
    return toServiceError(null);
  }
}
