import { proveRandomKeys } from '../support/prove-random-keys.ts';

proveRandomKeys('readonly');
