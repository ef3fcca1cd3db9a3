import { proveDumpModes } from '../support/prove-dump-modes.ts';

proveDumpModes('pod exec');
