import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What happens to a request: nothing, S3's refusal, no answer at all, half of it, one with another byte, or one that is lost although
 * S3 did what was asked.
 */
export type Fault = undefined | { readonly status: number; readonly code: string; readonly message?: string } | 'hang' | 'cut' | 'changed' | 'lost';

export interface S3Proxy {
  readonly endpoint: string;
  stop(): void;
}

/**
 * Something between a client and S3 that does not always do what it should.
 *
 * @param answered told of each request that S3 has answered, with the status
 */
export async function startS3Proxy(
  target: string, faultOf: (request: http.IncomingMessage) => Fault, answered: (request: http.IncomingMessage, status: number) => void = () => {},
): Promise<S3Proxy> {
  const { hostname, port } = new URL(target);
  const server = http.createServer((request, response) => {
    const fault = faultOf(request);
    if (fault === 'hang') return;
    if (typeof fault === 'object') {
      request.resume().on('end', () => {
        response.writeHead(fault.status, { 'content-type': 'application/xml' });
        response.end(request.method === 'HEAD' ? undefined : `<Error><Code>${fault.code}</Code><Message>${fault.message ?? fault.code}</Message></Error>`);
      });
      return;
    }
    const onward = http.request({ hostname, port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
      answered(request, answer.statusCode!);
      if (fault === 'lost') return void request.socket.destroy();
      response.writeHead(answer.statusCode!, answer.headers);
      if (fault === 'cut') {
        answer.once('data', (chunk: Buffer) => response.write(chunk.subarray(0, chunk.length >> 1), () => request.socket.destroy())); // eslint-disable-line no-bitwise
      } else {
        if (fault === 'changed') answer.once('data', (chunk: Buffer) => chunk.writeUInt8(255 - chunk[chunk.length >> 1], chunk.length >> 1)); // eslint-disable-line no-bitwise
        answer.pipe(response);
      }
    });
    onward.on('error', () => response.destroy());
    request.on('close', () => request.complete || onward.destroy());
    if (fault === 'cut' && request.method === 'PUT') request.once('data', () => request.socket.destroy());
    request.pipe(onward);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
