import { proveDumpModes } from '../support/prove-dump-modes.ts';

proveDumpModes('LENA advertiser');
