import { proveKeys } from '../support/prove-keys.ts';

proveKeys('readonly');
