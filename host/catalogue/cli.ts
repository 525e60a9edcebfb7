import type { Signal } from '../../device/ports.js';
import type { Sentence } from './catalogue.js';

/** What commands say when they have done their work. */
export const cliSentences = {
  backendServing: {
    en: 'The server listens at {url}. Ctrl-C stops it.',
    fr: 'Le serveur écoute sur {url}. Ctrl-C l’arrête.',
  },
  kioskServing: {
    en: 'The counter listens at {url} (open it in a browser to see what waits), for the server {backend}. Ctrl-C stops it.',
    fr: 'Le comptoir écoute sur {url} (à ouvrir dans un navigateur pour voir ce qui attend), pour le serveur {backend}. Ctrl-C l’arrête.',
  },
  tokenRunning: {
    en: 'The token’s serial port is {path}. Type “press” and Enter to press it for three seconds; Ctrl-C stops it.',
    fr: 'Le port série du galet est {path}. Tapez « press » puis Entrée pour le presser trois secondes ; Ctrl-C l’arrête.',
  },
  tokenKeyboard: {
    en: 'Type “press”, or “press 1” for one second.',
    fr: 'Tapez « press », ou « press 1 » pour une seconde.',
  },
  tokenBlinks: { en: 'Blinks {colour}.', fr: 'Clignote en {colour}.' },
  tokenTrouble: { en: 'Bluetooth: {what}', fr: 'Bluetooth : {what}' },
  stopping: { en: 'Stopping…', fr: 'Arrêt…' },
  initialised: { en: 'Made in {directory}: {made}.', fr: 'Créé dans {directory} : {made}.' },
  nothingMissing: { en: 'Nothing was missing in {directory}.', fr: 'Rien ne manquait dans {directory}.' },
  credentialAt: {
    en: 'The operator credential is in {file}. Who has it can register tokens and issue codes: keep it safe.',
    fr: 'Le justificatif de l’opérateur est dans {file}. Qui l’a peut enregistrer des galets et délivrer des codes : gardez-le en lieu sûr.',
  },
  codeIssued: { en: '{code}   (good until {time})', fr: '{code}   (bon jusqu’à {time})' },
  installed: {
    en: 'Installed: the board is a token of version {version}.',
    fr: 'Installé : la carte est un galet de version {version}.',
  },
  alreadyInstalled: {
    en: 'This is a token already, of version {version}; a newer one comes with a visit.',
    fr: 'C’est déjà un galet, de version {version} ; une plus récente viendra avec une visite.',
  },
  alreadySmall: {
    en: 'This is a token already, of version {version}; it has no room for a second one, so a newer one is installed in its place once its Storage is erased.',
    fr: 'C’est déjà un galet, de version {version} ; il n’a pas la place d’une seconde : une plus récente s’installe à sa place, une fois sa mémoire effacée.',
  },
  provisioned: {
    en: 'Done. The token is set up and good for more than {days} days.',
    fr: 'C’est fait. Le galet est prêt, et bon pour plus de {days} jours.',
  },
  synchronised: {
    en: 'Done. The token is good for more than {days} days.',
    fr: 'C’est fait. Le galet est bon pour plus de {days} jours.',
  },
  synchronisedEnded: {
    en: 'Done. The service has ended: the token has erased itself.',
    fr: 'C’est fait. Le service est terminé : le galet s’est effacé.',
  },
  needsCharge: { en: 'It needs charging.', fr: 'Il faut le recharger.' },
  pendingDelivered: {
    en: 'The receipt of its report has been handed over.',
    fr: 'Le reçu de son signalement lui a été remis.',
  },
  pendingWaiting: {
    en: 'Its report is still waiting here for the server.',
    fr: 'Son signalement attend encore le serveur, ici.',
  },
  pendingUnfinished: {
    en: 'A report was begun here and not finished: run “galet report” again with its code.',
    fr: 'Un signalement a été commencé ici et n’est pas terminé : relancez « galet report » avec son code.',
  },
  pendingElsewhere: {
    en: 'It waits for the receipt of a report that this counter does not have: visit the counter where it was made, or run “galet report” again with its code.',
    fr: 'Il attend le reçu d’un signalement que ce comptoir n’a pas : passez au comptoir où il a été fait, ou relancez « galet report » avec son code.',
  },
  pendingRefused: { en: 'Its report was refused: {reason}', fr: 'Son signalement a été refusé : {reason}' },
  updated: {
    en: 'It now runs version {to}; before it was {from}.',
    fr: 'Il est passé de la version {from} à la version {to}.',
  },
  updateStaged: {
    en: 'It has version {version} ready, and starts it when the server says so: at a later visit.',
    fr: 'Il a la version {version} en réserve, et la démarrera quand le serveur le dira : à une prochaine visite.',
  },
  updateFailed: {
    en: 'Only its update did not go through: {reason}',
    fr: 'Seule sa mise à jour n’a pas abouti : {reason}',
  },
  reported: {
    en: 'Done. The report has been delivered, and the token has its receipt.',
    fr: 'C’est fait. Le signalement est remis, et le galet a son reçu.',
  },
  reportKept: {
    en: 'The report is kept safely on this computer, not yet checked by the server. It leaves by itself when the server answers; the token gets its receipt at its next visit.',
    fr: 'Le signalement est gardé en sûreté sur cet ordinateur, pas encore vérifié par le serveur. Il partira de lui-même dès que le serveur répondra ; le galet aura son reçu à sa prochaine visite.',
  },
  forgotten: {
    en: 'Done. The server has forgotten this token; it has erased itself and proved it. It can be given to somebody else.',
    fr: 'C’est fait. Le serveur a oublié ce galet ; il s’est effacé et l’a prouvé. Il peut être confié à quelqu’un d’autre.',
  },
  lifeBlank: { en: 'Blank: not set up yet.', fr: 'Vierge : pas encore préparé.' },
  lifeTracing: { en: 'At work.', fr: 'En service.' },
  lifeSilent: {
    en: 'Silent: it needs a visit to the counter.',
    fr: 'Silencieux : il lui faut une visite au comptoir.',
  },
  lifePaused: { en: 'Paused by its wearer.', fr: 'En pause, à la demande de qui le porte.' },
  lifeEnded: { en: 'Ended: it has erased itself.', fr: 'Terminé : il s’est effacé.' },
  showBoard: { en: 'Board {board}, firmware {firmware}.', fr: 'Carte {board}, micrologiciel {firmware}.' },
  showBattery: { en: 'Battery {percent} %.', fr: 'Batterie à {percent} %.' },
  showGood: { en: 'Good for more than {days} days.', fr: 'Bon pour plus de {days} jours.' },
  showVisit: { en: 'It needs a visit: “galet sync”.', fr: 'Il lui faut une visite : « galet sync ».' },
  showReceipt: { en: 'It waits for the receipt of a report.', fr: 'Il attend le reçu d’un signalement.' },
  airServed: {
    en: 'This is the token that blinks {colour} (signal: {signal}).',
    fr: 'C’est le galet qui clignote en {colour} (signal : {signal}).',
  },
  airServedDark: {
    en: 'This is the nearest token (signal: {signal}); it cannot blink a colour.',
    fr: 'C’est le galet le plus proche (signal : {signal}) ; il ne peut pas clignoter.',
  },
  airOthers: {
    en: 'Others that ask are left alone: {count}.',
    fr: 'D’autres demandent et sont laissés tels quels : {count}.',
  },
  airBoard: {
    en: 'The nearest board is {name} (signal: {signal}).',
    fr: 'La carte la plus proche est {name} (signal : {signal}).',
  },
  signalStrong: { en: 'strong, {rssi} dBm', fr: 'fort, {rssi} dBm' },
  signalFair: { en: 'fair, {rssi} dBm', fr: 'moyen, {rssi} dBm' },
  signalWeak: { en: 'weak, {rssi} dBm', fr: 'faible, {rssi} dBm' },
  signalUnknown: { en: 'unknown', fr: 'inconnu' },
  listTitlePlace: { en: 'WHERE', fr: 'OÙ' },
  listTitleColour: { en: 'BLINKS', fr: 'CLIGNOTE' },
  listTitleSignal: { en: 'SIGNAL', fr: 'RÉCEPTION' },
  listTitleBattery: { en: 'CHARGE', fr: 'BATTERIE' },
  listTitleGood: { en: 'GOOD FOR', fr: 'BON POUR' },
  listTitleNeeds: { en: 'NEEDS', fr: 'BESOIN' },
  listOnAir: { en: 'on the air', fr: 'par radio' },
  listCable: { en: 'cable', fr: 'câble' },
  listGood: { en: 'more than {days} days', fr: 'plus de {days} jours' },
  listNothing: { en: 'nothing', fr: 'rien' },
  listSetUp: { en: 'setting up', fr: 'préparation' },
  listTakeBack: { en: 'to be taken back', fr: 'reprise' },
  listVisit: { en: 'a visit', fr: 'visite' },
  listCharge: { en: 'charging', fr: 'recharge' },
  listReceipt: { en: 'a receipt', fr: 'reçu' },
  listEmpty: {
    en: 'No token here. Press a token’s button near this computer, or plug one in, and look again.',
    fr: 'Aucun galet ici. Pressez le bouton d’un galet près de cet ordinateur, ou branchez-le, puis regardez à nouveau.',
  },
  listSkipped: { en: '{place}: {reason}', fr: '{place} : {reason}' },
} as const satisfies Record<string, Sentence>;

/** What a token may blink, in the order of the COLOUR_ numbers of device/link/messages.ts. */
export const colourSentences = {
  blue: { en: 'blue', fr: 'bleu' },
  green: { en: 'green', fr: 'vert' },
  yellow: { en: 'yellow', fr: 'jaune' },
  violet: { en: 'violet', fr: 'violet' },
  cyan: { en: 'cyan', fr: 'turquoise' },
  white: { en: 'white', fr: 'blanc' },
} as const satisfies Record<string, Sentence>;

/** What a token signals, as the one that runs in a terminal says it. */
export const signalSentences = {
  well: { en: 'The token signals: all is well.', fr: 'Le galet signale : tout va bien.' },
  charge: { en: 'The token signals: charge me.', fr: 'Le galet signale : rechargez-moi.' },
  visit: { en: 'The token signals: visit the counter.', fr: 'Le galet signale : passez au comptoir.' },
  'at-risk': {
    en: 'The token signals: you have been near somebody who tested positive; ring the number.',
    fr: 'Le galet signale : vous avez été près d’une personne testée positive ; appelez le numéro.',
  },
  consent: {
    en: 'The token asks: press it for three seconds to agree (type “press” and Enter).',
    fr: 'Le galet demande : pressez-le trois secondes pour accepter (tapez « press » puis Entrée).',
  },
  consented: { en: 'The token signals: agreed.', fr: 'Le galet signale : accepté.' },
  kept: { en: 'The token signals: the report is kept safely.', fr: 'Le galet signale : le signalement est en sûreté.' },
  silent: {
    en: 'The token signals: silent, visit the counter.',
    fr: 'Le galet signale : silencieux, passez au comptoir.',
  },
  ended: { en: 'The token signals: the service has ended.', fr: 'Le galet signale : le service est terminé.' },
} as const satisfies Record<Signal, Sentence>;

/** Where a visit is, by its step. */
export const stepSentences = {
  seek: {
    en: 'Press the token’s button, near this computer: {secondsLeft} s left',
    fr: 'Pressez le bouton du galet, près de cet ordinateur : encore {secondsLeft} s',
  },
  gather: { en: 'A token asks; looking for others…', fr: 'Un galet demande ; recherche d’autres…' },
  reach: { en: 'Reaching the token…', fr: 'Connexion au galet…' },
  listen: {
    en: 'Press the buttons of the tokens now: looking around for {seconds} s…',
    fr: 'Pressez maintenant les boutons des galets : recherche de {seconds} s…',
  },
  ports: { en: 'Looking at the ports…', fr: 'Examen des ports…' },
  greet: { en: 'Asking token {done} of {total}…', fr: 'Question au galet {done} sur {total}…' },
  again: { en: 'Looking for the same token again…', fr: 'Recherche du même galet…' },
  hello: { en: 'Greeting the token…', fr: 'Prise de contact avec le galet…' },
  pause: { en: 'The token asks for a pause: {seconds} s', fr: 'Le galet demande une pause : {seconds} s' },
  carry: { en: 'Asking the server…', fr: 'Question au serveur…' },
  days: {
    en: 'Loading identifiers: day {done} of {total}',
    fr: 'Chargement des identifiants : jour {done} sur {total}',
  },
  receipt: { en: 'Handing over the receipt…', fr: 'Remise du reçu…' },
  code: { en: 'Checking the code…', fr: 'Vérification du code…' },
  consent: {
    en: 'Press the token for three seconds: {secondsLeft} s left',
    fr: 'Pressez le galet trois secondes : encore {secondsLeft} s',
  },
  batches: {
    en: 'Carrying the sealed report: {done} of {total}',
    fr: 'Transport du signalement scellé : {done} sur {total}',
  },
  keep: { en: 'Keeping it safely…', fr: 'Mise en sûreté…' },
  delivery: {
    en: 'Waiting for the server’s receipt: {secondsLeft} s',
    fr: 'Attente du reçu du serveur : {secondsLeft} s',
  },
  keys: { en: 'Agreeing on keys…', fr: 'Accord sur les clés…' },
  board: { en: 'Looking at the board…', fr: 'Examen de la carte…' },
  erase: { en: 'Erasing the board: {seconds} s', fr: 'Effacement de la carte : {seconds} s' },
  upload: { en: 'Uploading: {done} of {total} bytes', fr: 'Envoi : {done} sur {total} octets' },
  boot: { en: 'Uploaded; the board becomes a token…', fr: 'Envoyé ; la carte devient un galet…' },
  wipe: { en: 'Checking the proof of erasure…', fr: 'Vérification de la preuve d’effacement…' },
  signatures: {
    en: 'Carrying the authority’s signatures: {done} of {total} kB',
    fr: 'Transport des signatures de l’autorité : {done} sur {total} ko',
  },
  image: {
    en: 'Carrying the new version: {done} of {total} kB',
    fr: 'Transport de la nouvelle version : {done} sur {total} ko',
  },
  restart: {
    en: 'The token starts its new version: {secondsLeft} s',
    fr: 'Le galet démarre sa nouvelle version : {secondsLeft} s',
  },
} as const satisfies Record<string, Sentence>;
