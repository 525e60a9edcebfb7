import type { Sentence } from './catalogue.js';

/** What `galet firmware` says of keys, of what they sign, and of what is published. */
export const firmwareSentences = {
  keyMade: {
    en: 'Made {file} (secret: keep it on something that you lock away, and a copy elsewhere) and {publicFile} (for everybody).',
    fr: 'Créé {file} (secret : gardez-le sous clé, et une copie ailleurs) et {publicFile} (pour tout le monde).',
  },
  keyPublic: { en: 'Public key: {key}', fr: 'Clé publique : {key}' },
  askPassphrase: { en: 'Passphrase of {file}: ', fr: 'Phrase de passe de {file} : ' },
  askNewPassphrase: { en: 'New passphrase for {file}: ', fr: 'Nouvelle phrase de passe pour {file} : ' },
  askAgain: { en: 'The same again: ', fr: 'La même, encore une fois : ' },
  makingKey: { en: 'Making a key: a few seconds…', fr: 'Création d’une clé : quelques secondes…' },
  signing: { en: 'Signing with key {key}: a few seconds…', fr: 'Signature avec la clé {key} : quelques secondes…' },
  rootIs: { en: 'Release keys (root), version {version}:', fr: 'Clés de publication (racine), version {version} :' },
  rootKey: { en: '  key {key}', fr: '  clé {key}' },
  configurationIs: {
    en: 'Configuration of all tokens, version {version}:',
    fr: 'Configuration de tous les galets, version {version} :',
  },
  configurationEnd: {
    en: '  the service ends on {time}, and tokens erase themselves',
    fr: '  le service prend fin le {time}, et les galets s’effacent',
  },
  configurationEndPast: {
    en: '  the service HAS ENDED ({time}): every token that takes this erases itself at once',
    fr: '  le service EST TERMINÉ ({time}) : tout galet qui accepte ceci s’efface aussitôt',
  },
  configurationNoEnd: { en: '  the service has no end yet', fr: '  le service n’a pas encore de fin' },
  configurationKey: { en: '  reports are sealed for {key}', fr: '  les signalements sont scellés pour {key}' },
  releaseIs: {
    en: 'Release: firmware {version} for board {board}:',
    fr: 'Publication : micrologiciel {version} pour la carte {board} :',
  },
  releaseImage: { en: '  image of {size} bytes', fr: '  image de {size} octets' },
  releaseHash: { en: '  SHA-256 {sha256}', fr: '  empreinte SHA-256 {sha256}' },
  releaseInterpreter: {
    en: '  needs Espruino {interpreter} or later',
    fr: '  demande Espruino {interpreter} ou plus récent',
  },
  expires: {
    en: '  tokens take it until {time} ({days} days from now)',
    fr: '  les galets l’acceptent jusqu’au {time} (dans {days} jours)',
  },
  expired: {
    en: '  EXPIRED on {time}: no token takes it any more',
    fr: '  EXPIRÉ le {time} : aucun galet ne l’accepte plus',
  },
  missing: { en: 'Signatures still missing: {count}.', fr: 'Signatures encore manquantes : {count}.' },
  complete: { en: 'All signatures are there.', fr: 'Toutes les signatures y sont.' },
  wrote: { en: 'Wrote {file}.', fr: 'Écrit : {file}.' },
  noRoot: {
    en: 'No root is known here, so nothing says whether this key counts; name one with --root.',
    fr: 'Aucune racine n’est connue ici ; rien ne dit si cette clé compte. Indiquez-en une avec --root.',
  },
  checkRight: { en: 'right  {file}: {what}', fr: 'bon    {file} : {what}' },
  checkWrong: { en: 'WRONG  {file}: {reason}', fr: 'FAUX   {file} : {reason}' },
  checkAllRight: { en: 'A token would take all of this.', fr: 'Un galet accepterait tout cela.' },
  checkSomeWrong: {
    en: 'No token would take what is wrong above.',
    fr: 'Aucun galet n’accepterait ce qui est faux ci-dessus.',
  },
  trustStands: {
    en: 'The first root, {file}, is trusted as it stands; compare its keys with those that you were given, or use --root.',
    fr: 'La première racine, {file}, est crue telle quelle ; comparez ses clés à celles qu’on vous a données, ou utilisez --root.',
  },
  shortRoot: { en: 'release keys, version {version}', fr: 'clés de publication, version {version}' },
  shortConfiguration: {
    en: 'configuration {version}, until {time}',
    fr: 'configuration {version}, jusqu’au {time}',
  },
  shortRelease: {
    en: '{board} {version}, {size} bytes, {sha256}, until {time}',
    fr: '{board} {version}, {size} octets, {sha256}, jusqu’au {time}',
  },
  listSignatures: { en: '{what}, signatures: {count}', fr: '{what}, signatures : {count}' },
  listExpired: { en: '{line}, EXPIRED', fr: '{line}, EXPIRÉ' },
  listEmpty: { en: 'Nothing is published in {place}.', fr: 'Rien n’est publié dans {place}.' },
  fleetTitle: {
    en: 'Visits in the last {days} days and today, by version:',
    fr: 'Visites des {days} derniers jours et d’aujourd’hui, par version :',
  },
  fleetLine: { en: '{board}  {version}: {visits}', fr: '{board}  {version} : {visits}' },
  fleetHidden: {
    en: 'Versions of fewer than ten visits each: {hidden} visits in all.',
    fr: 'Versions de moins de dix visites chacune : {hidden} visites en tout.',
  },
} as const satisfies Record<string, Sentence>;
