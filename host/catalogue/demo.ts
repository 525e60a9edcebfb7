import type { Sentence } from './catalogue.js';

/** What the demo tells, step by step. */
export const demoSentences = {
  title: {
    en: 'A care home’s day with twelve tokens (seed {seed}). Everything runs on this computer.',
    fr: 'Une journée dans une maison de retraite, avec douze galets (graine {seed}). Tout se passe sur cet ordinateur.',
  },
  planted: {
    en: 'A fault is planted: {fault}. The demo has to notice it.',
    fr: 'Une panne est introduite : {fault}. La démonstration doit s’en apercevoir.',
  },
  servers: {
    en: 'A server listens at {backend} and a counter at {kiosk}; their files are in {folder}.',
    fr: 'Un serveur écoute sur {backend} et un comptoir sur {kiosk} ; leurs fichiers sont dans {folder}.',
  },
  provisioning: {
    en: 'At the counter, each token is registered and gets its identifiers over a serial line.',
    fr: 'Au comptoir, chaque galet est enregistré et reçoit ses identifiants par une liaison série.',
  },
  waking: {
    en: 'The house wakes; two carers go from room to room.',
    fr: 'La maison s’éveille ; deux soignantes vont de chambre en chambre.',
  },
  breakfast: {
    en: 'Breakfast, in two dining rooms of four.',
    fr: 'Petit déjeuner, dans deux salles à manger de quatre.',
  },
  activities: {
    en: 'Music here, reading there, in two circles that mix the tables.',
    fr: 'Musique ici, lecture là, en deux cercles qui mêlent les tables.',
  },
  lunch: {
    en: 'Lunch; a carer helps at each table.',
    fr: 'Déjeuner ; une soignante aide à chaque table.',
  },
  rest: {
    en: 'Rest, and a few minutes’ chat on the garden bench for some.',
    fr: 'Repos, et pour certains quelques mots sur le banc du jardin.',
  },
  visits: {
    en: 'Two visitors come, each for a resident.',
    fr: 'Deux visiteurs viennent, chacun pour une personne.',
  },
  dinner: { en: 'Dinner, at the same tables.', fr: 'Dîner, aux mêmes tables.' },
  night: {
    en: 'Night. Bedroom neighbours are a few metres apart, with a wall between.',
    fr: 'Nuit. Les voisins de chambre sont à quelques mètres, un mur entre eux.',
  },
  morning: {
    en: 'Morning. {packets} adverts were received; {batches} sealed batches stand in the twelve logs.',
    fr: 'Matin. {packets} annonces ont été reçues ; {batches} lots scellés sont dans les douze journaux.',
  },
  positive: {
    en: '{name} tests positive. The laboratory issues a code: {code}.',
    fr: 'Le test de {name} est positif. Le laboratoire délivre un code : {code}.',
  },
  nobody: { en: 'Nobody tests positive today.', fr: 'Aucun test n’est positif aujourd’hui.' },
  consent: {
    en: 'Her token lies on the counter and asks for her consent. She presses it for three seconds.',
    fr: 'Son galet est posé sur le comptoir et demande l’accord de la personne, qui appuie trois secondes.',
  },
  kept: {
    en: 'The counter has the report on disk, sealed: {batches} batches that it cannot read.',
    fr: 'Le comptoir a le signalement sur disque, scellé : {batches} lots qu’il ne peut pas lire.',
  },
  receipted: {
    en: 'The server has opened it, and the token has the receipt.',
    fr: 'Le serveur l’a ouvert, et le galet a le reçu.',
  },
  unreceipted: {
    en: 'The token has no receipt: it keeps everything and asks again at the next visit.',
    fr: 'Le galet n’a pas de reçu : il garde tout et redemandera à la prochaine visite.',
  },
  scored: {
    en: 'The server has checked and scored her contacts, as ROBERT does.',
    fr: 'Le serveur a vérifié ces contacts et les a notés, comme le fait ROBERT.',
  },
  others: {
    en: 'The other tokens come to the counter: time, identifiers for 21 days, and a sealed status.',
    fr: 'Les autres galets passent au comptoir : l’heure, des identifiants pour 21 jours et un état scellé.',
  },
  hour: {
    en: 'More than an hour passes: a token never tells its wearer at the counter.',
    fr: 'Plus d’une heure passe : un galet ne prévient jamais au comptoir.',
  },
  thief: {
    en: 'A thief reads the flash of {name}’s token: {windows} windows tried as keys, {opened} of {batches} batches open.',
    fr: 'Un voleur lit la mémoire du galet de {name} : {windows} fenêtres essayées comme clés, {opened} lots sur {batches} s’ouvrent.',
  },
  columnName: { en: 'token of', fr: 'galet de' },
  columnRole: { en: 'who', fr: 'qui' },
  columnTogether: { en: 'within 2 m of {name}', fr: 'à moins de 2 m de {name}' },
  columnScore: { en: 'true score', fr: 'note vraie' },
  columnTruth: { en: 'should be warned', fr: 'alerte due' },
  columnWarned: { en: 'was warned', fr: 'alerte donnée' },
  minutes: { en: '{minutes} min', fr: '{minutes} min' },
  resident: { en: 'resident', fr: 'réside' },
  carer: { en: 'carer', fr: 'soigne' },
  visitor: { en: 'visitor', fr: 'rend visite' },
  yes: { en: 'yes', fr: 'oui' },
  no: { en: 'no', fr: 'non' },
  borderline: { en: 'too close to call', fr: 'limite' },
  threshold: {
    en: 'From a score of {threshold} a person is warned; within a quarter of that it is too close to call.',
    fr: 'À partir d’une note de {threshold} une personne est prévenue ; à moins d’un quart de ce seuil, c’est limite.',
  },
  summary: {
    en: 'Warned: {warned}. Missed: {missed}. Warned for nothing: {falseWarned}. Too close to call: {borderline}.',
    fr: 'Alertes : {warned}. Oublis : {missed}. Alertes à tort : {falseWarned}. Cas limites : {borderline}.',
  },
  effort: {
    en: '{serialBytes} bytes over serial lines, {httpRequests} requests over HTTP, {flashOps} flash operations, {seconds} s.',
    fr: '{serialBytes} octets sur liaisons série, {httpRequests} requêtes HTTP, {flashOps} opérations de mémoire, {seconds} s.',
  },
  allWell: {
    en: 'All checks passed: whoever should be warned was, and nobody else.',
    fr: 'Tout est vérifié : chaque alerte due a été donnée, et aucune autre.',
  },
  noticed: { en: 'The planted fault was noticed: {fault}.', fr: 'La panne introduite a été remarquée : {fault}.' },
  unnoticed: {
    en: 'The planted fault was NOT noticed: {fault}. The demo’s checks are not good enough.',
    fr: 'La panne introduite n’a PAS été remarquée : {fault}. Les contrôles de la démonstration ne suffisent pas.',
  },
  faultMac: {
    en: 'the MACs of what the tokens say are wrong',
    fr: 'les MAC de ce que disent les galets sont faux',
  },
  faultSeal: {
    en: 'one bit of the sealed log flips on the way',
    fr: 'un bit du journal scellé change en route',
  },
  faultRatchet: {
    en: 'a token does not forget the keys of its past',
    fr: 'un galet n’oublie pas les clés de son passé',
  },
  faultOutbox: {
    en: 'the counter acknowledges a report and loses it',
    fr: 'le comptoir accuse réception d’un signalement et le perd',
  },
  checkMac: {
    en: 'mac: the server refused {count} contacts because of their MACs',
    fr: 'mac : le serveur a refusé {count} contacts à cause de leurs MAC',
  },
  checkSeal: {
    en: 'seal: {count} batches of the report did not arrive as the token sealed them',
    fr: 'seal : {count} lots du signalement ne sont pas arrivés tels que le galet les a scellés',
  },
  checkRatchet: {
    en: 'ratchet: the flash of a token opens {count} batches of its past',
    fr: 'ratchet : la mémoire d’un galet ouvre {count} lots de son passé',
  },
  checkThief: {
    en: 'thief: the search opened {opened} of {later} later batches, so that it proves nothing',
    fr: 'thief : la recherche a ouvert {opened} lots ultérieurs sur {later}, et ne prouve donc rien',
  },
  checkOutbox: {
    en: 'outbox: {kept} report acknowledged at the counter, {received} received by the server',
    fr: 'outbox : {kept} signalement accepté au comptoir, {received} reçu par le serveur',
  },
  checkMissed: { en: 'missed: {names} should have been warned', fr: 'missed : alerte due mais pas donnée à {names}' },
  checkFalse: { en: 'false: {names} were warned for nothing', fr: 'false : alerte donnée à tort à {names}' },
  checkBorderline: {
    en: 'borderline: {count} of {pairs} pairs are too close to call',
    fr: 'borderline : {count} paires sur {pairs} sont trop près du seuil',
  },
  checkFailed: { en: 'Check failed. {what}.', fr: 'Contrôle échoué. {what}.' },
  next: { en: 'Where to look next:', fr: 'Pour aller plus loin :' },
  nextReadme: {
    en: 'README.md, second section: the same by hand, one command a step',
    fr: 'README.md, deuxième partie : la même chose à la main, une commande par étape',
  },
  nextSpec: {
    en: 'docs/spec: every byte on the air, on flash, on the link and at the counter',
    fr: 'docs/spec : chaque octet dans l’air, en mémoire, sur la liaison et au comptoir',
  },
  nextSeed: {
    en: 'npm run demo -- --seed {seed}: this day again; --keep: leave the servers running; --break mac: plant a fault',
    fr: 'npm run demo -- --seed {seed} : la même journée ; --keep : laisser tourner les serveurs ; --break mac : une panne',
  },
  keeping: {
    en: 'The servers go on until Ctrl-C, which also removes {folder}. Try, in another terminal:',
    fr: 'Les serveurs tournent jusqu’à Ctrl-C, qui efface aussi {folder}. Essayez, dans un autre terminal :',
  },
  keepToken: {
    en: '{name}’s token ({state}) as a process; it prints its PORT',
    fr: 'le galet de {name} ({state}) comme processus ; il affiche son PORT',
  },
  stateWarned: { en: 'warned', fr: 'prévenu' },
  stateWell: { en: 'all is well', fr: 'tout va bien' },
  keepShow: { en: 'what the token says of itself', fr: 'ce que le galet dit de lui-même' },
  keepVisit: { en: 'a visit', fr: 'une visite' },
  keepReport: { en: 'a report, with a code that is still good', fr: 'un signalement, avec un code encore valable' },
  keepPage: { en: 'the counter’s status page', fr: 'la page d’état du comptoir' },
  keepAttack: { en: 'what a thief would read from it', fr: 'ce qu’un voleur y lirait' },
  airTitle: {
    en: 'Five tokens with real Bluetooth, on an emulated controller. How strongly they hear each other is simulated, because the emulator has no places: three sit at one table, two in another room, 30 m on. It takes about three minutes.',
    fr: 'Cinq galets avec un vrai Bluetooth, sur un contrôleur émulé. La force avec laquelle ils s’entendent est simulée, car l’émulateur n’a pas de lieux : trois sont à une table, deux dans une autre salle, à 30 m. Cela prend environ trois minutes.',
  },
  airAbsent: {
    en: 'No emulated air here: {reason}. Without “--air ble” the demo needs none.',
    fr: 'Pas d’air émulé ici : {reason}. Sans « --air ble », la démonstration s’en passe.',
  },
  airProvisioning: {
    en: 'Each token is pressed, found over the air, registered, and gets its identifiers over Bluetooth.',
    fr: 'Chaque galet est pressé, trouvé dans l’air, enregistré, et reçoit ses identifiants par Bluetooth.',
  },
  airTogether: {
    en: 'They sit for {seconds} seconds, in real time. So short a time is no danger by ROBERT’s parameters; here the authority has set a lower threshold.',
    fr: 'Ils restent assis {seconds} secondes, en temps réel. Si peu n’est pas un danger selon les paramètres de ROBERT ; ici l’autorité a fixé un seuil plus bas.',
  },
  airOthers: {
    en: 'The other tokens are pressed and served over Bluetooth: time, identifiers for 21 days, and a sealed status.',
    fr: 'Les autres galets sont pressés et servis par Bluetooth : l’heure, des identifiants pour 21 jours et un état scellé.',
  },
  airHour: {
    en: 'The tokens’ clocks are put forward by an hour: a token never tells its wearer at the counter.',
    fr: 'Les horloges des galets sont avancées d’une heure : un galet ne prévient jamais au comptoir.',
  },
  airToken: {
    en: '{name}, {where}: {outcome}',
    fr: '{name}, {where} : {outcome}',
  },
  airHere: { en: 'at her table', fr: 'à sa table' },
  airThere: { en: 'in the other room', fr: 'dans l’autre salle' },
  airWarned: { en: 'warned', fr: 'prévenu' },
  airSpared: { en: 'not warned', fr: 'pas prévenu' },
  airEffort: {
    en: '{bytes} bytes over Bluetooth links, {seconds} s.',
    fr: '{bytes} octets sur liaisons Bluetooth, {seconds} s.',
  },
  usage: {
    en: 'usage: npm run demo -- [--json] [--seed N] [--nobody-positive] [--break mac|seal|ratchet|outbox] [--keep] [--lang fr|en]\n   or: npm run demo -- --air ble [--json] [--lang fr|en]',
    fr: 'usage : npm run demo -- [--json] [--seed N] [--nobody-positive] [--break mac|seal|ratchet|outbox] [--keep] [--lang fr|en]\n   ou : npm run demo -- --air ble [--json] [--lang fr|en]',
  },
} as const satisfies Record<string, Sentence>;

export type DemoSentence = keyof typeof demoSentences;
