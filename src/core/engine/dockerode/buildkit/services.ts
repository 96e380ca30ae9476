/** The unary services: secrets and registry credentials. */
import type { CredentialsSource } from '../../credentials.js';
import { GrpcError, Status } from './grpc.js';
import type { Handler } from './grpc.js';
import { Reader, Writer } from './protobuf.js';

export const GET_SECRET = '/moby.buildkit.secrets.v1.Secrets/GetSecret';
export const CREDENTIALS = '/moby.filesync.v1.Auth/Credentials';

/** moby/buildkit session/secrets/secrets.proto: GetSecretRequest.ID = 1, GetSecretResponse.data = 1. */
export function secretsService(secrets: ReadonlyMap<string, Uint8Array>, onMissing: (id: string) => void): Handler {
  return async (call) => {
    const id = stringField(await call.request(), 1);
    const value = secrets.get(id);
    if (value === undefined) {
      // The engine ignores this unless the mount says `required`.
      onMissing(id);
      throw new GrpcError(Status.NOT_FOUND, `secret ${id}: not found`);
    }
    await call.send(new Writer().bytes(1, value).finish());
  };
}

/**
 * moby/buildkit session/auth/auth.proto. Only Credentials is offered: the engine then fetches tokens itself, as 20.10
 * does. FetchToken and the token authority (which would keep the password here) answer Unimplemented.
 */
export function authService(source: CredentialsSource): Handler {
  return async (call) => {
    const found = await source(stringField(await call.request(), 1));
    // An identity token travels as a secret without a user (docker/cli cli/config/credentials, buildkit authprovider.go).
    const user = found?.kind === 'password' ? found.username : '';
    const secret = found?.kind === 'password' ? found.password : (found?.identityToken ?? '');
    await call.send(new Writer().string(1, user).string(2, secret).finish());
  };
}

function stringField(message: Uint8Array, field: number): string {
  const reader = new Reader(message);
  for (let number = reader.next(); number !== 0; number = reader.next()) {
    if (number === field) return reader.string();
    reader.skip();
  }
  return '';
}
