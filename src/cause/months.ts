/**
 * The months as English, French, German, Spanish, Italian, Dutch, Portuguese, Swedish and Danish write them, whole and cut, without the dot:
 * the languages of which date(1) and strftime(3) print enough in Latin letters to be told from words.
 */
export const MONTHS: readonly string[] = [
  'january|janvier|januari|januar|janeiro|jänner|janv|jan|enero|ene|gennaio|gen',
  'february|février|februari|februar|febrero|febbraio|fevereiro|févr|feb|fev',
  'march|mars|märz|marzo|maart|março|marts|mär|mrt|mrz|mar',
  'april|avril|abril|aprile|abr|avr|apr',
  'may|mai|mayo|maggio|mei|maio|maj|mag',
  'june|juin|juni|junio|giugno|junho|jun|giu',
  'july|juillet|juli|julio|luglio|julho|juil|jul|lug',
  'august|août|agosto|augustus|augusti|aug|ago',
  'september|septembre|septiembre|settembre|setembro|sept|sep|set',
  'october|octobre|oktober|octubre|ottobre|outubro|oct|okt|ott|out',
  'november|novembre|noviembre|novembro|nov',
  'december|décembre|dezember|diciembre|dicembre|dezembro|déc|dec|dez|dic',
];

/** Any month, longest first within each. */
export const MONTH = MONTHS.join('|');

/** The days of the week in the same languages. */
export const WEEKDAY = [
  'monday|mon|lundi|lun|montag|mo|lunes|lunedì|maandag|ma|segunda-feira|seg|måndag|mån|mandag|man',
  'tuesday|tues|tue|mardi|mar|dienstag|di|martes|martedì|dinsdag|terça-feira|ter|tisdag|tis|tirsdag|tir',
  'wednesday|wed|mercredi|mer|mittwoch|mi|miércoles|mié|mercoledì|woensdag|wo|quarta-feira|qua|onsdag|ons',
  'thursday|thurs|thu|jeudi|jeu|donnerstag|do|jueves|jue|giovedì|gio|donderdag|quinta-feira|qui|torsdag|tors|tor',
  'friday|fri|vendredi|ven|freitag|fr|viernes|vie|venerdì|vrijdag|vr|sexta-feira|sex|fredag|fre',
  'saturday|sat|samedi|sam|samstag|sa|sábado|sáb|sabato|sab|zaterdag|za|lördag|lör|lørdag|lør',
  'sunday|sun|dimanche|dim|sonntag|so|domingo|dom|domenica|zondag|zo|söndag|sön|søndag|søn',
].join('|');
