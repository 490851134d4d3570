import { BLIND } from '../helpers/blind.ts';
import { corpusTable } from '../helpers/corpus-table.ts';

// Their images have a JDK, Ghostscript and a kernel's headers: not for every run.
corpusTable(BLIND);
