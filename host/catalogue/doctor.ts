import type { Sentence } from './catalogue.js';

/** What `galet doctor` finds. Each sentence that is about something to do says what. */
export const doctorSentences = {
  nodeFine: { en: 'Node {version} is recent enough.', fr: 'Node {version} est assez récent.' },
  nodeOld: {
    en: 'Node {version} is too old: install Node 20 or later.',
    fr: 'Node {version} est trop ancien : installez Node 20 ou plus récent.',
  },
  moduleLoads: { en: 'The module {module} loads.', fr: 'Le module {module} se charge.' },
  moduleUnused: {
    en: 'The module {module} has nothing to do on this system.',
    fr: 'Le module {module} n’a rien à faire sur ce système.',
  },
  moduleFails: {
    en: 'The module {module} does not load ({cause}): run “npm ci” in Galet’s folder, on this computer and with this Node.',
    fr: 'Le module {module} ne se charge pas ({cause}) : lancez « npm ci » dans le dossier de Galet, sur cet ordinateur et avec ce Node.',
  },
  clockPlausible: {
    en: 'The clock says {time} UTC, which can be right.',
    fr: 'L’horloge dit {time} UTC, ce qui est possible.',
  },
  clockPast: {
    en: 'The clock says {time} UTC, before Galet was installed: set it (on Linux “sudo timedatectl set-ntp true”).',
    fr: 'L’horloge dit {time} UTC, avant l’installation de Galet : mettez-la à l’heure (sous Linux « sudo timedatectl set-ntp true »).',
  },

  adapterThere: { en: 'There is a Bluetooth adapter, {adapter}.', fr: 'Il y a un adaptateur Bluetooth, {adapter}.' },
  adapterNone: {
    en: 'There is no Bluetooth adapter; tokens are served at a cable. To serve them without one, plug in a Bluetooth dongle or name a controller’s port with --adapter.',
    fr: 'Il n’y a pas d’adaptateur Bluetooth ; les galets sont servis par un câble. Pour s’en passer, branchez une clé Bluetooth ou indiquez le port d’un contrôleur avec --adapter.',
  },
  adapterMissing: {
    en: 'There is no Bluetooth adapter: plug in a Bluetooth dongle, switch on the one inside, or name a controller’s port with --adapter.',
    fr: 'Il n’y a pas d’adaptateur Bluetooth : branchez une clé Bluetooth, activez celui de l’ordinateur, ou indiquez le port d’un contrôleur avec --adapter.',
  },
  adapterOther: {
    en: 'There is no adapter {adapter}, but {there}: name that one with --adapter.',
    fr: 'Il n’y a pas d’adaptateur {adapter}, mais {there} : indiquez celui-là avec --adapter.',
  },
  adapterAtPort: {
    en: 'The computer’s own Bluetooth is left alone: the adapter is at a port.',
    fr: 'Le Bluetooth de l’ordinateur reste à part : l’adaptateur est à un port.',
  },
  portWouldDo: {
    en: 'On this system Galet has Bluetooth only through a controller at a port (--adapter); tokens at a cable need none.',
    fr: 'Sur ce système, Galet n’a le Bluetooth que par un contrôleur à un port (--adapter) ; par un câble, il n’en faut pas.',
  },
  portNeeded: {
    en: 'On this system Galet has Bluetooth only through a controller with HCI over UART: plug one in, and name its port with --adapter.',
    fr: 'Sur ce système, Galet n’a le Bluetooth que par un contrôleur HCI sur UART : branchez-en un, et indiquez son port avec --adapter.',
  },
  rfkillFree: { en: 'No switch blocks Bluetooth.', fr: 'Aucun interrupteur ne bloque le Bluetooth.' },
  rfkillNone: {
    en: 'There is no Bluetooth switch to look at.',
    fr: 'Il n’y a pas d’interrupteur du Bluetooth à voir.',
  },
  rfkillSoft: {
    en: 'Bluetooth is switched off by software ({name}): run “sudo rfkill unblock bluetooth”.',
    fr: 'Le Bluetooth est coupé par logiciel ({name}) : lancez « sudo rfkill unblock bluetooth ».',
  },
  rfkillHard: {
    en: 'Bluetooth is switched off by a switch or a key of this computer ({name}): switch it on there.',
    fr: 'Le Bluetooth est coupé par un interrupteur ou une touche de cet ordinateur ({name}) : rallumez-le là.',
  },
  powerOn: { en: 'The adapter {adapter} is on.', fr: 'L’adaptateur {adapter} est allumé.' },
  powerOff: {
    en: 'The adapter {adapter} is off: run “sudo hciconfig {adapter} up”.',
    fr: 'L’adaptateur {adapter} est éteint : lancez « sudo hciconfig {adapter} up ».',
  },
  powerSpare: {
    en: 'The adapter {adapter} is off; another one is on.',
    fr: 'L’adaptateur {adapter} est éteint ; un autre est allumé.',
  },
  powerNothing: {
    en: 'There is no adapter of this system to switch on.',
    fr: 'Il n’y a pas d’adaptateur de ce système à allumer.',
  },
  socketsRefused: {
    en: 'There are no Bluetooth sockets here ({cause}): outside the container, or with a controller at a port (--adapter), there are.',
    fr: 'Il n’y a pas ici de sockets Bluetooth ({cause}) : sortez du conteneur, ou prenez un contrôleur à un port (--adapter).',
  },
  rightsThere: { en: 'Node may use Bluetooth adapters.', fr: 'Node a le droit d’utiliser les adaptateurs Bluetooth.' },
  rightsNothing: { en: 'No right to an adapter is needed.', fr: 'Aucun droit sur un adaptateur n’est nécessaire.' },
  rightsMissing: {
    en: 'Node may not use Bluetooth adapters: run “sudo setcap cap_net_raw,cap_net_admin+eip {node}”.',
    fr: 'Node n’a pas le droit d’utiliser les adaptateurs Bluetooth : lancez « sudo setcap cap_net_raw,cap_net_admin+eip {node} ».',
  },
  bluetoothdAbsent: { en: 'bluetoothd is not running.', fr: 'bluetoothd ne tourne pas.' },
  bluetoothdNothing: { en: 'bluetoothd is in nobody’s way.', fr: 'bluetoothd ne gêne personne.' },
  bluetoothdNoMatter: {
    en: 'bluetoothd is running, which a counter does not mind; for a token ask “galet doctor --token”.',
    fr: 'bluetoothd tourne, ce qui ne gêne pas un comptoir ; pour un galet, demandez « galet doctor --token ».',
  },
  bluetoothdInTheWay: {
    en: 'bluetoothd answers those who connect, instead of the token: run “sudo systemctl disable --now bluetooth”.',
    fr: 'bluetoothd répond à qui se connecte, à la place du galet : lancez « sudo systemctl disable --now bluetooth ».',
  },
  uartAnswers: {
    en: 'A Bluetooth controller answers at {port}.',
    fr: 'Un contrôleur Bluetooth répond sur {port}.',
  },
  uartSilent: {
    en: 'Nothing at {port} answers HCI Reset at {baudRate} baud: check that it has the hci_uart firmware, and its speed (--adapter {port}@115200).',
    fr: 'Rien ne répond à HCI Reset sur {port} à {baudRate} bauds : vérifiez qu’il a le micrologiciel hci_uart, et sa vitesse (--adapter {port}@115200).',
  },
  uartRefuses: {
    en: 'The controller at {port} refuses HCI Reset: unplug it and plug it in again.',
    fr: 'Le contrôleur sur {port} refuse HCI Reset : débranchez-le puis rebranchez-le.',
  },

  portNone: {
    en: 'No token is at a USB cable right now.',
    fr: 'Aucun galet n’est branché par USB en ce moment.',
  },
  portReady: { en: 'The port {port} can be used.', fr: 'Le port {port} est utilisable.' },
  portMissing: {
    en: 'There is no port {port}: plug in what belongs there, or look for its name.',
    fr: 'Il n’y a pas de port {port} : branchez ce qui doit y être, ou cherchez son nom.',
  },
  portDenied: {
    en: 'You may not use the port {port}: run “sudo usermod -aG {group} {user}”, then log out and in again.',
    fr: 'Vous n’avez pas le droit d’utiliser le port {port} : lancez « sudo usermod -aG {group} {user} », puis fermez la session et rouvrez-la.',
  },
  portNextSession: {
    en: 'You may not use the port {port} yet, but {user} is in the group {group}: log out and in again.',
    fr: 'Vous n’avez pas encore le droit d’utiliser le port {port}, mais {user} est dans le groupe {group} : fermez la session et rouvrez-la.',
  },
  portForNobody: {
    en: 'You may not use the port {port}, and no group may: save what “galet doctor --udev” prints.',
    fr: 'Vous n’avez pas le droit d’utiliser le port {port}, et aucun groupe ne l’a : enregistrez ce qu’écrit « galet doctor --udev ».',
  },
  portBusy: {
    en: 'Another process has the port {port}: end it (“sudo fuser -v {port}” names it).',
    fr: 'Un autre processus tient le port {port} : arrêtez-le (« sudo fuser -v {port} » le nomme).',
  },
  portHeld: {
    en: '{holder} (process {process}) has the port {port}: end it, or wait until it has done.',
    fr: '{holder} (processus {process}) tient le port {port} : arrêtez-le, ou attendez qu’il ait fini.',
  },
  portFailed: {
    en: 'The port {port} does not open ({cause}): unplug what is there, and plug it in again.',
    fr: 'Le port {port} ne s’ouvre pas ({cause}) : débranchez ce qui s’y trouve, puis rebranchez-le.',
  },
  modemManagerAbsent: { en: 'ModemManager is not running.', fr: 'ModemManager ne tourne pas.' },
  modemManagerElsewhere: {
    en: 'This system has no ModemManager.',
    fr: 'Ce système n’a pas de ModemManager.',
  },
  modemManagerKeptAway: {
    en: 'ModemManager is running, and keeps away from tokens.',
    fr: 'ModemManager tourne, et laisse les galets tranquilles.',
  },
  modemManagerNoPort: {
    en: 'ModemManager is running; no port is there that it could take.',
    fr: 'ModemManager tourne ; aucun port n’est là qu’il puisse prendre.',
  },
  modemManagerInTheWay: {
    en: 'ModemManager takes each new port for a while: save what “galet doctor --udev” prints, or run “sudo systemctl disable --now ModemManager”.',
    fr: 'ModemManager prend chaque nouveau port un moment : enregistrez ce qu’écrit « galet doctor --udev », ou lancez « sudo systemctl disable --now ModemManager ».',
  },

  kioskAnswers: { en: 'The counter’s service answers at {url}.', fr: 'Le service du comptoir répond sur {url}.' },
  kioskSilent: {
    en: 'No counter’s service answers at {url}; for visits, “galet kiosk serve” starts one.',
    fr: 'Aucun service de comptoir ne répond sur {url} ; pour les visites, « galet kiosk serve » en démarre un.',
  },
} as const satisfies Record<string, Sentence>;

/** What stands before each sentence. */
export const stateWords = {
  ok: { en: 'ok', fr: 'bon' },
  'to-do': { en: 'to do', fr: 'à faire' },
  'not-needed': { en: 'not needed', fr: 'pas requis' },
} as const satisfies Record<string, Sentence>;

export const doctorSummary = {
  well: { en: 'All that is needed works.', fr: 'Tout ce qui est nécessaire fonctionne.' },
  toDo: { en: 'To do: {count}.', fr: 'À faire : {count}.' },
} as const satisfies Record<string, Sentence>;
