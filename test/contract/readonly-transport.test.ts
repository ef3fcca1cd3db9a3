import { proveTransport } from '../support/prove-transport.ts';

proveTransport('readonly');
