import type { ErrorCode } from '../errors.js';
import type { Sentence } from './catalogue.js';

/** One sentence an error: what happened, then what to do. */
export const errorSentences: Record<ErrorCode, Sentence> = {
  internal: {
    en: 'Something went wrong inside Galet. Nothing was lost; try again, and report it if it comes back.',
    fr: 'Une erreur interne est survenue. Rien n’est perdu ; réessayez, et signalez-la si elle revient.',
  },
  usage: {
    en: 'The command was not understood: {reason}',
    fr: 'La commande n’a pas été comprise : {reason}',
  },
  interrupted: {
    en: 'Stopped. Nothing is lost: run the same command again and it goes on where it was.',
    fr: 'Arrêté. Rien n’est perdu : relancez la même commande, elle reprendra où elle en était.',
  },
  'token-refused': {
    en: 'The token refused ({fault}). Nothing on it has changed; try again.',
    fr: 'Le galet a refusé ({fault}). Rien n’a changé sur lui ; réessayez.',
  },
  'token-blank': {
    en: 'This token has not been set up yet. Set it up first with “galet provision”.',
    fr: 'Ce galet n’a pas encore été préparé. Préparez-le d’abord avec « galet provision ».',
  },
  'token-ended': {
    en: 'The service has ended and this token has erased itself. It can be returned.',
    fr: 'Le service est terminé et ce galet s’est effacé. Il peut être rendu.',
  },
  'token-provisioned': {
    en: 'This token is already set up. To set it up for somebody else, erase it first with “galet token forget”.',
    fr: 'Ce galet est déjà préparé. Pour le confier à quelqu’un d’autre, effacez-le d’abord avec « galet token forget ».',
  },
  'answer-refused': {
    en: 'The token refused the server’s answer ({fault}). Nothing on it has changed; start the visit again.',
    fr: 'Le galet a refusé la réponse du serveur ({fault}). Rien n’a changé sur lui ; recommencez la visite.',
  },
  'wipe-unproven': {
    en: 'The token’s proof that it erased itself is missing or was not recognised. Do not hand it to anybody else; run the command again.',
    fr: 'La preuve d’effacement du galet manque ou n’a pas été reconnue. Ne le confiez à personne ; relancez la commande.',
  },
  'server-refused': {
    en: 'The server refused the request (status {status}). Nothing was lost; check the time of this computer, then try again.',
    fr: 'Le serveur a refusé la demande (statut {status}). Rien n’est perdu ; vérifiez l’heure de cet ordinateur, puis réessayez.',
  },
  'code-unknown': {
    en: 'This code is not known. Nothing was lost: check it with who issued it, then ask again.',
    fr: 'Ce code n’est pas connu. Rien n’est perdu : vérifiez-le auprès de qui l’a remis, puis recommencez.',
  },
  'code-used': {
    en: 'This code has already been used. Nothing was lost: the token still holds everything; ask for a new code.',
    fr: 'Ce code a déjà servi. Rien n’est perdu : le galet garde tout ; demandez un nouveau code.',
  },
  'code-expired': {
    en: 'This code has expired. Nothing was lost: the token still holds everything; ask for a new code.',
    fr: 'Ce code a expiré. Rien n’est perdu : le galet garde tout ; demandez un nouveau code.',
  },
  'code-mismatch': {
    en: 'This code is not the one that the wearer consented to. Nothing was lost; start again with the right code.',
    fr: 'Ce code n’est pas celui auquel la personne a consenti. Rien n’est perdu ; recommencez avec le bon code.',
  },
  'token-unknown': {
    en: 'The server no longer knows this token. Exchange it for another one.',
    fr: 'Le serveur ne connaît plus ce galet. Échangez-le contre un autre.',
  },
  'report-unreadable': {
    en: 'The server could not read this report. Nothing was lost: the token still holds everything; ask for a new code and try again.',
    fr: 'Le serveur n’a pas pu lire ce signalement. Rien n’est perdu : le galet garde tout ; demandez un nouveau code et recommencez.',
  },
  'report-expired': {
    en: 'The report waited for the server for more than 14 days, so nothing in it was of use any more and it was deleted.',
    fr: 'Le signalement a attendu le serveur plus de 14 jours ; il n’était plus utile à personne et a été supprimé.',
  },
  'operator-refused': {
    en: 'The server did not accept the operator credential. Check the file given with --credential.',
    fr: 'Le serveur n’a pas accepté le justificatif de l’opérateur. Vérifiez le fichier donné avec --credential.',
  },
  'kiosk-unreachable': {
    en: 'The kiosk service does not answer at {url}. Start it with “galet kiosk serve”.',
    fr: 'Le service du comptoir ne répond pas à {url}. Démarrez-le avec « galet kiosk serve ».',
  },
  'backend-unreachable': {
    en: 'The server cannot be reached. Nothing was lost; check the network, then try again.',
    fr: 'Le serveur est injoignable. Rien n’est perdu ; vérifiez le réseau, puis réessayez.',
  },
  'backend-failing': {
    en: 'The server is having trouble. Nothing was lost; try again in a few minutes.',
    fr: 'Le serveur a des difficultés. Rien n’est perdu ; réessayez dans quelques minutes.',
  },
  'token-too-soon': {
    en: 'The token asks for a pause of {seconds} s between two visits. Try again after that.',
    fr: 'Le galet demande une pause de {seconds} s entre deux visites. Réessayez ensuite.',
  },
  'token-too-many-requests': {
    en: 'The token has made all the requests it may make since it was powered up. Restart it, then try again.',
    fr: 'Le galet a fait toutes les demandes permises depuis sa mise en marche. Redémarrez-le, puis réessayez.',
  },
  'consent-lapsed': {
    en: 'The token was not pressed in time, so nothing left it. Ask again when the wearer is ready.',
    fr: 'Le galet n’a pas été pressé à temps ; rien n’en est sorti. Recommencez quand la personne est prête.',
  },
  'nothing-to-report': {
    en: 'The token holds nothing new to report.',
    fr: 'Le galet ne contient rien de nouveau à signaler.',
  },
  'report-done': {
    en: 'This report has already been delivered, and the token has its receipt.',
    fr: 'Ce signalement a déjà été remis, et le galet a son reçu.',
  },
  'report-waiting': {
    en: 'An earlier report of this token is still waiting for the server. Let it leave first, then try again.',
    fr: 'Un signalement antérieur de ce galet attend encore le serveur. Laissez-le partir, puis réessayez.',
  },
  'kiosk-full': {
    en: 'This computer’s disk is full. The report was not kept, and the token still holds everything; make room, then try again.',
    fr: 'Le disque de cet ordinateur est plein. Le signalement n’a pas été gardé et le galet a encore tout ; faites de la place, puis réessayez.',
  },
  'database-newer': {
    en: 'The file {file} was written by a newer version of Galet. Install that version.',
    fr: 'Le fichier {file} a été écrit par une version plus récente de Galet. Installez cette version.',
  },
  'database-foreign': {
    en: 'The file {file} is not one of Galet’s, or it is damaged. Choose another with --data.',
    fr: 'Le fichier {file} n’est pas un fichier de Galet, ou il est abîmé. Choisissez-en un autre avec --data.',
  },
  'database-busy': {
    en: 'The file {file} is in use: another Galet service is running on it. Stop that one first.',
    fr: 'Le fichier {file} est déjà utilisé : un autre service Galet tourne dessus. Arrêtez-le d’abord.',
  },
  'address-busy': {
    en: 'Address {address} is in use: a service is already running there. Stop it, or choose another with --port.',
    fr: 'L’adresse {address} est déjà prise : un service y tourne déjà. Arrêtez-le, ou choisissez-en une autre avec --port.',
  },
  'credential-missing': {
    en: 'There is no operator credential in {file}. Make one with “galet backend init”, or give its file with --credential.',
    fr: 'Il n’y a pas de justificatif d’opérateur dans {file}. Créez-le avec « galet backend init », ou donnez son fichier avec --credential.',
  },
  'foreign-request': {
    en: 'This request does not come from this kiosk’s own page or commands, so it was refused.',
    fr: 'Cette demande ne vient ni de la page ni des commandes de ce comptoir ; elle a été refusée.',
  },
  'request-malformed': {
    en: 'The request was not understood: {reason}',
    fr: 'La demande n’a pas été comprise : {reason}',
  },
  'request-too-large': {
    en: 'The request is too large.',
    fr: 'La demande est trop volumineuse.',
  },
  'not-found': {
    en: 'There is nothing at this address.',
    fr: 'Il n’y a rien à cette adresse.',
  },
  'report-unknown': {
    en: 'This kiosk holds no such report.',
    fr: 'Ce comptoir n’a pas ce signalement.',
  },
  'report-conflict': {
    en: 'This kiosk already holds another report under that number. Start the report again.',
    fr: 'Ce comptoir a déjà un autre signalement sous ce numéro. Recommencez le signalement.',
  },
  'report-incomplete': {
    en: 'Parts of the report are missing, so it was not kept. Run the command again.',
    fr: 'Il manque des parties du signalement ; il n’a pas été gardé. Relancez la commande.',
  },
  'report-malformed': {
    en: 'What the token sent is not a report. Nothing was kept; run the command again.',
    fr: 'Ce que le galet a envoyé n’est pas un signalement. Rien n’a été gardé ; relancez la commande.',
  },
  'request-refused': {
    en: 'The server could not verify this request. Nothing was lost; check the time of this computer, then try again.',
    fr: 'Le serveur n’a pas pu vérifier cette demande. Rien n’est perdu ; vérifiez l’heure de cet ordinateur, puis réessayez.',
  },
  'registration-unknown': {
    en: 'The server holds no registration for this token. Exchange it for another one.',
    fr: 'Le serveur n’a pas d’inscription pour ce galet. Échangez-le contre un autre.',
  },
  'public-key-invalid': {
    en: 'The public key sent for this token is not a key of the right kind. Nothing was registered; try again.',
    fr: 'La clé publique envoyée pour ce galet n’est pas valide. Rien n’a été inscrit ; réessayez.',
  },
  'too-many-requests': {
    en: 'Too many requests in a short time. Nothing was lost; try again in a minute.',
    fr: 'Trop de demandes en peu de temps. Rien n’est perdu ; réessayez dans une minute.',
  },
  'service-ended': {
    en: 'The service has ended: nothing is collected any more, and tokens erase themselves at their next visit.',
    fr: 'Le service est terminé : plus rien n’est collecté, et les galets s’effacent à leur prochaine visite.',
  },
  'parameters-invalid': {
    en: 'The parameters file is wrong at {field}. The server does not start with it; correct it first.',
    fr: 'Le fichier de paramètres est faux à {field}. Le serveur ne démarre pas ainsi ; corrigez-le d’abord.',
  },
  'not-initialised': {
    en: 'There is no server in {directory} yet. Make its keys first with “galet backend init”.',
    fr: 'Il n’y a pas encore de serveur dans {directory}. Créez d’abord ses clés avec « galet backend init ».',
  },
  'key-missing': {
    en: 'The key {key} is missing or cannot be opened with this key-encryption key. Restore the key file that belongs to this database.',
    fr: 'La clé {key} manque ou ne s’ouvre pas avec cette clé de chiffrement. Restaurez le fichier de clé de cette base.',
  },
  'answer-late': {
    en: 'The server’s answer took more than a minute to reach the token, which no longer took it. Nothing on it has changed; start the visit again.',
    fr: 'La réponse du serveur a mis plus d’une minute à atteindre le galet, qui ne l’a plus acceptée. Rien n’a changé sur lui ; recommencez la visite.',
  },
  'token-state-wrong': {
    en: 'The token cannot do this now ({fault}). Nothing on it has changed; look at its state with “galet token”, then try again.',
    fr: 'Le galet ne peut pas faire cela maintenant ({fault}). Rien n’a changé sur lui ; regardez son état avec « galet token », puis réessayez.',
  },
  'token-no-identifier': {
    en: 'This token has never received an identifier, so the server cannot recognise it. Exchange it for another one.',
    fr: 'Ce galet n’a jamais reçu d’identifiant ; le serveur ne peut pas le reconnaître. Échangez-le contre un autre.',
  },
  'link-version': {
    en: 'This token speaks another version of Galet. Nothing on it has changed; update Galet on this computer, then the token.',
    fr: 'Ce galet parle une autre version de Galet. Rien n’a changé sur lui ; mettez à jour Galet sur cet ordinateur, puis le galet.',
  },
  'token-report-unknown': {
    en: 'The token has no such report. Nothing was lost; start the report again.',
    fr: 'Le galet ne connaît pas ce signalement. Rien n’est perdu ; recommencez le signalement.',
  },
  'token-batch-absent': {
    en: 'Part of the log that was asked for is no longer on the token. Start the report again.',
    fr: 'Une partie du journal demandé n’est plus sur le galet. Recommencez le signalement.',
  },
  'token-full': {
    en: 'The token’s memory is full. What it holds is safe; finish its visit so that it can make room.',
    fr: 'La mémoire du galet est pleine. Ce qu’il contient est en sûreté ; terminez sa visite pour qu’il puisse faire de la place.',
  },
  'receipt-refused': {
    en: 'The token did not recognise the server’s receipt. It still holds everything; the receipt is tried again at the next visit.',
    fr: 'Le galet n’a pas reconnu le reçu du serveur. Il garde tout ; le reçu sera présenté de nouveau à la prochaine visite.',
  },
  'consent-missing': {
    en: 'The wearer has not consented: the token was not pressed for 3 s. Nothing left it; ask again when the wearer is ready.',
    fr: 'La personne n’a pas consenti : le galet n’a pas été pressé pendant 3 s. Rien n’en est sorti ; recommencez quand elle est prête.',
  },
  'update-unsupported': {
    en: 'This token takes no update in a visit. It goes on as it is; to renew it, install it again.',
    fr: 'Ce galet ne se met pas à jour pendant une visite. Il continue tel quel ; pour le renouveler, réinstallez-le.',
  },
  'update-refused': {
    en: 'The token did not accept what the server has for it ({fault}). It goes on with what it has; tell whoever runs the server.',
    fr: 'Le galet n’a pas accepté ce que le serveur a pour lui ({fault}). Il continue avec ce qu’il a ; signalez-le à qui gère le serveur.',
  },
  'update-old': {
    en: 'The token has tried this version, or a newer one, and takes nothing older. It goes on with what it has; tell whoever runs the server.',
    fr: 'Le galet a déjà essayé cette version, ou une plus récente, et ne revient pas en arrière. Il continue avec ce qu’il a ; signalez-le à qui gère le serveur.',
  },
  'update-expired': {
    en: 'What the server has for the token was signed too long ago, so the token did not take it. It goes on with what it has; tell whoever runs the server.',
    fr: 'Ce que le serveur a pour le galet a été signé il y a trop longtemps ; le galet ne l’a pas pris. Il continue avec ce qu’il a ; signalez-le à qui gère le serveur.',
  },
  'update-image-wrong': {
    en: 'The software that the server gave is not what was signed, so nothing of it was put on the token. Tell whoever runs the server.',
    fr: 'Le logiciel donné par le serveur n’est pas celui qui a été signé ; rien n’en a été mis sur le galet. Signalez-le à qui gère le serveur.',
  },
  'update-not-ordered': {
    en: 'The token has the new version and waits for the server’s word to start it. It goes on as before; it is asked again at the next visit.',
    fr: 'Le galet a la nouvelle version et attend l’accord du serveur pour la démarrer. Il continue comme avant ; on le lui redemandera à la prochaine visite.',
  },
  'update-unconfirmed': {
    en: 'The token was told to start version {version} and has not confirmed it yet. It does at its next visit, or goes back to the version before by itself.',
    fr: 'Le galet devait démarrer la version {version} et ne l’a pas encore confirmée. Il le fera à sa prochaine visite, ou reviendra de lui-même à la version d’avant.',
  },
  'update-rolled-back': {
    fr: 'La version {version} n’a pas fonctionné sur ce galet, qui est revenu à la précédente. Rien n’est perdu ; il ne la reprendra pas.',
    en: 'Version {version} did not work on this token, which went back to the one before. Nothing is lost; it will not take that version again.',
  },
  'port-missing': {
    en: 'There is no token at {port}. Check the cable and the port’s name.',
    fr: 'Il n’y a pas de galet sur {port}. Vérifiez le câble et le nom du port.',
  },
  'port-denied': {
    en: 'This account may not use {port}. Ask whoever looks after this computer for the right to use serial ports.',
    fr: 'Ce compte n’a pas le droit d’utiliser {port}. Demandez à qui gère cet ordinateur le droit d’utiliser les ports série.',
  },
  'port-failed': {
    en: 'The port {port} could not be opened. Unplug the token, plug it in again, then try again.',
    fr: 'Le port {port} n’a pas pu être ouvert. Débranchez le galet, rebranchez-le, puis réessayez.',
  },
  'port-busy': {
    en: 'Another command is using {port}. Wait until it has finished, then try again.',
    fr: 'Une autre commande utilise {port}. Attendez qu’elle ait fini, puis réessayez.',
  },
  'link-silent': {
    en: 'The token at {port} did not answer within {seconds} s. Nothing was lost; check that it is a token and charged, plug it in again or press its button, then try again.',
    fr: 'Le galet sur {port} n’a pas répondu en {seconds} s. Rien n’est perdu ; vérifiez que c’est un galet et qu’il est chargé, rebranchez-le ou pressez son bouton, puis réessayez.',
  },
  'link-lost': {
    en: 'The link to the token at {port} was cut. Nothing was lost; plug it in again or press its button, and start again: it goes on where it was.',
    fr: 'La liaison avec le galet sur {port} a été coupée. Rien n’est perdu ; rebranchez-le ou pressez son bouton, et recommencez : cela reprendra où c’en était.',
  },
  'link-garbled': {
    en: 'What answers at {port} does not answer as a token does. Check the port’s name; if it is a token, plug it in again.',
    fr: 'Ce qui répond sur {port} ne répond pas comme un galet. Vérifiez le nom du port ; si c’est bien un galet, rebranchez-le.',
  },
  'pty-unavailable': {
    en: 'This computer gave no pseudo-terminal for the simulated token. Close other programs, then try again.',
    fr: 'Cet ordinateur n’a pas fourni de pseudo-terminal pour le galet simulé. Fermez d’autres programmes, puis réessayez.',
  },
  'flash-file-unusable': {
    en: 'The flash file {file} cannot be used: it is not a token’s, or not writable. Name another file, or check its rights.',
    fr: 'Le fichier de mémoire {file} est inutilisable : ce n’est pas celui d’un jeton, ou il est protégé. Indiquez-en un autre, ou vérifiez ses droits.',
  },
  'air-unavailable': {
    en: 'No port from {port} on is free for the air between tokens. Stop another token, or name another first port.',
    fr: 'Aucun port n’est libre à partir de {port} pour l’air entre jetons. Arrêtez un autre jeton, ou indiquez un autre premier port.',
  },
  'signed-malformed': {
    en: '{what} is not what release keys sign, or it is damaged (at {field}). Get it again from where it was made.',
    fr: '{what} n’est pas un objet signé par des clés de publication, ou il est abîmé ({field}). Reprenez-le là où il a été fait.',
  },
  'signature-wrong': {
    en: 'In {what}, the signature of key {key} is wrong: this is not what that key has signed. Sign it again, and find out where it was changed.',
    fr: 'Dans {what}, la signature de la clé {key} est fausse : ce n’est pas ce que cette clé a signé. Signez de nouveau, et cherchez où cela a été modifié.',
  },
  'signer-unknown': {
    en: 'Key {key} is none of the release keys that count for {what}. Use another key, or name the right root with --root.',
    fr: 'La clé {key} n’est pas une des clés de publication qui comptent pour {what}. Prenez une autre clé, ou indiquez la bonne racine avec --root.',
  },
  'signer-twice': {
    en: 'Key {key} has signed {what} already, and counts once. Somebody else has to sign.',
    fr: 'La clé {key} a déjà signé {what}, et ne compte qu’une fois. Il faut la signature de quelqu’un d’autre.',
  },
  'signatures-missing': {
    en: 'Signatures are missing on {what}: {count} more. Until then no token takes it; see “galet firmware sign”.',
    fr: 'Il manque des signatures à {what} : encore {count}. D’ici là aucun galet ne l’accepte ; voyez « galet firmware sign ».',
  },
  'signed-expired': {
    en: '{what} expired on {time}, and no token takes it any more. Make it anew and have it signed.',
    fr: '{what} a expiré le {time}, et aucun galet ne l’accepte plus. Refaites-le et faites-le signer.',
  },
  'roots-broken': {
    en: '{what} does not follow from the root before it, or from the one that you trust. Get all the roots from where they are published.',
    fr: '{what} ne fait pas suite à la racine précédente, ou à celle à qui vous faites confiance. Reprenez toutes les racines là où elles sont publiées.',
  },
  'root-missing': {
    en: 'There is no root in {folder}, so nothing says whose signatures count. Put it there as roots/1.json, or name it with --root.',
    fr: 'Il n’y a pas de racine dans {folder} ; rien ne dit quelles signatures comptent. Placez-la dans roots/1.json, ou indiquez-la avec --root.',
  },
  'image-wrong': {
    en: 'The image {file} is not the one that the release names ({field}). Take the image that was built for it.',
    fr: 'L’image {file} n’est pas celle que la publication désigne ({field}). Prenez l’image construite pour elle.',
  },
  'release-misplaced': {
    en: '{what} does not belong where it lies: it is for {found}. Put it where it belongs.',
    fr: '{what} n’est pas à sa place : c’est pour {found}. Mettez-le là où il doit être.',
  },
  'file-unusable': {
    en: 'The file {file} cannot be read or written. Check its name and its rights.',
    fr: 'Le fichier {file} ne peut pas être lu ou écrit. Vérifiez son nom et ses droits.',
  },
  'file-there': {
    en: 'There is a file {file} already, and it is not replaced. Choose another name.',
    fr: 'Il y a déjà un fichier {file}, et il n’est pas remplacé. Choisissez un autre nom.',
  },
  'key-file-unusable': {
    en: 'The file {file} is no release key of the kind needed here, or it is damaged. Take the right file, or its copy.',
    fr: 'Le fichier {file} n’est pas une clé de publication du genre voulu ici, ou il est abîmé. Prenez le bon fichier, ou sa copie.',
  },
  'passphrase-missing': {
    en: 'A passphrase is needed. Give it with --passphrase-file or GALET_PASSPHRASE, or run this in a terminal, which asks for it.',
    fr: 'Il faut une phrase de passe. Donnez-la avec --passphrase-file ou GALET_PASSPHRASE, ou lancez ceci dans un terminal, qui la demandera.',
  },
  'passphrase-wrong': {
    en: 'This is not the passphrase of {file}, or the file is damaged. Try again.',
    fr: 'Ce n’est pas la phrase de passe de {file}, ou le fichier est abîmé. Réessayez.',
  },
  'passphrase-short': {
    en: 'The passphrase is too short, or the two are not the same. Choose one of {count} characters or more.',
    fr: 'La phrase de passe est trop courte, ou les deux diffèrent. Choisissez-en une d’au moins {count} caractères.',
  },
  'build-unusable': {
    en: 'In {folder} there is no firmware that can be released ({field}). Build it again with “npm run firmware”.',
    fr: 'Il n’y a pas dans {folder} de micrologiciel à publier ({field}). Reconstruisez-le avec « npm run firmware ».',
  },
  'version-taken': {
    en: '{what} holds version {version} already, and tokens take nothing older, nor two things under one number. Give it a higher one.',
    fr: '{what} contient déjà la version {version} ; les galets n’acceptent rien de plus ancien, ni deux choses sous un même numéro. Prenez-en un plus grand.',
  },
  'board-failed': {
    en: 'The board does not do what it should ({reason}). Install Espruino on it again, then run this once more.',
    fr: 'La carte ne fait pas ce qu’elle devrait ({reason}). Réinstallez-y Espruino, puis relancez la commande.',
  },
  'board-unknown': {
    en: 'The interpreter calls its board {board}, which is not one that Galet knows. Say which it is with --board.',
    fr: 'L’interpréteur nomme sa carte {board}, que Galet ne connaît pas. Indiquez laquelle c’est avec --board.',
  },
  'board-other': {
    en: 'The board is a {board}, not a {said}. Leave --board out, or plug the other one in.',
    fr: 'La carte est une {board}, pas une {said}. Retirez --board, ou branchez l’autre.',
  },
  'interpreter-old': {
    en: 'The board has Espruino {version}; at least {minimum} is needed. Install that, then run this once more.',
    fr: 'La carte a Espruino {version} ; il faut au moins {minimum}. Installez-le, puis relancez la commande.',
  },
  'storage-foreign': {
    en: 'The board holds {count} other files ({files}). With --erase they go, for good, and Galet comes in their place.',
    fr: 'La carte contient {count} autres fichiers ({files}). Avec --erase ils disparaissent pour de bon, et Galet les remplace.',
  },
  'storage-full': {
    en: 'The board has {free} bytes of Storage left, and {needed} are needed. With --erase everything on it goes first.',
    fr: 'Il reste {free} octets à la carte, et il en faut {needed}. Avec --erase tout ce qu’elle contient est d’abord effacé.',
  },
  'firmware-missing': {
    en: 'In {folder} there are not the scripts that installing needs. Build them with “npm run firmware”, or name the folder with --build.',
    fr: 'Il n’y a pas dans {folder} les scripts nécessaires à l’installation. Construisez-les avec « npm run firmware », ou indiquez le dossier avec --build.',
  },
  'release-missing': {
    en: 'There is no signed release for {board} in {place}. Publish one there, or name another folder with --releases.',
    fr: 'Il n’y a pas de publication signée pour {board} dans {place}. Publiez-en une, ou indiquez un autre dossier avec --releases.',
  },
  'install-unconfirmed': {
    en: 'The board was installed, and answers with version {found} instead of {wanted}. Run this once more.',
    fr: 'La carte a été installée, mais répond avec la version {found} au lieu de {wanted}. Relancez la commande.',
  },
  'bluetooth-missing': {
    en: 'Galet’s Bluetooth part does not load on this computer. Install Galet again; “galet doctor” says what is missing. A cable works without it.',
    fr: 'La partie Bluetooth de Galet ne se charge pas sur cet ordinateur. Réinstallez Galet ; « galet doctor » dit ce qui manque. Un câble fonctionne sans elle.',
  },
  'adapter-missing': {
    en: 'There is no Bluetooth adapter ({adapter}) that can be used. Plug one in, or name another with --adapter; “galet doctor” lists them.',
    fr: 'Il n’y a pas d’adaptateur Bluetooth ({adapter}) utilisable. Branchez-en un, ou indiquez-en un autre avec --adapter ; « galet doctor » les énumère.',
  },
  'adapter-denied': {
    en: 'This account may not use the Bluetooth adapter ({adapter}). “galet doctor” says which right it needs and how to give it.',
    fr: 'Ce compte n’a pas le droit d’utiliser l’adaptateur Bluetooth ({adapter}). « galet doctor » dit quel droit il lui faut, et comment le donner.',
  },
  'adapter-off': {
    en: 'The Bluetooth adapter ({adapter}) is switched off, or does not answer. Switch Bluetooth on or plug the adapter in again, then try again.',
    fr: 'L’adaptateur Bluetooth ({adapter}) est éteint, ou ne répond pas. Allumez le Bluetooth ou rebranchez l’adaptateur, puis réessayez.',
  },
  'token-gone': {
    en: 'The token no longer asks to be served over {port}. Nothing was lost; press its button near this computer, then try again.',
    fr: 'Le galet ne demande plus à être servi par {port}. Rien n’est perdu ; pressez son bouton près de cet ordinateur, puis réessayez.',
  },
  'no-token-asks': {
    en: 'No token has asked for a visit in {seconds} s. Press the token’s button near this computer, then run this again; “galet doctor” looks at the adapter.',
    fr: 'Aucun galet n’a demandé de visite en {seconds} s. Pressez le bouton du galet près de cet ordinateur, puis relancez ; « galet doctor » examine l’adaptateur.',
  },
  'colour-not-there': {
    en: 'No token that asks for a visit blinks {colour}; others that ask: {count}. Press its button, then “galet token list” gives each its colour.',
    fr: 'Aucun galet qui demande une visite ne clignote en {colour} ; les autres qui demandent : {count}. Pressez son bouton, puis « galet token list » donne à chacun sa couleur.',
  },
  'colour-twice': {
    en: 'Two tokens blink {colour}. Nothing was done. Run “galet token list”: it gives each a colour of its own.',
    fr: 'Deux galets clignotent en {colour}. Rien n’a été fait. Lancez « galet token list » : chacun aura sa couleur.',
  },
};
