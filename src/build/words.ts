/** What the C library says of errors in the language of the usual second build (libc.mo of libc-l10n), and in English. */
const FRENCH: readonly (readonly [string, string])[] = [
  ['Aucun espace disponible sur le périphérique', 'No space left on device'],
  ["Débordement du quota d'espace disque", 'Disk quota exceeded'],
  ['Échec temporaire dans la résolution du nom', 'Temporary failure in name resolution'],
  ['Nom ou service inconnu', 'Name or service not known'],
  ["Le réseau n'est pas accessible", 'Network is unreachable'],
  ['Ressource temporairement non disponible', 'Resource temporarily unavailable'],
  ['Système de fichiers accessible en lecture seulement', 'Read-only file system'],
  ['Ne peut allouer de la mémoire', 'Cannot allocate memory'],
  ['Opération non permise', 'Operation not permitted'],
  ['Permission non accordée', 'Permission denied'],
  ['Fonction non implantée', 'Function not implemented'],
];

/** Lines of a build with the system's errors in English: the second build speaks another language, so that what leaks from it is seen. */
export function inEnglish(lines: readonly string[]): readonly string[] {
  return lines.map((line) => FRENCH.reduce((text, [french, english]) => text.replaceAll(french, english), line));
}
