import { CORPUS } from '../helpers/corpus.ts';
import { corpusTable } from '../helpers/corpus-table.ts';

corpusTable(CORPUS);
