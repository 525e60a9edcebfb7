/** Every sentence of the report page, in both languages. */

export type Language = 'fr' | 'en';

const EN = {
  title: 'A simulated world of Galet tokens',
  intro:
    'This page was made from one run of the simulator: the real code of tokens, counters and server, in simulated time and a simulated radio. No real person appears in it. It shows that promises held in this world; it does not prove that they hold in every other.',
  run: 'The run',
  seed: 'Seed',
  hash: 'Event hash',
  again: 'To live it again, to the byte',
  length: 'Simulated days',
  wearers: 'Wearers',
  speed: 'Times faster than real time',
  detection: 'How soon a neighbour is noticed',
  detectionSays:
    'The share of meetings that a token has noticed after a time, when half of all radio messages are lost. It is the radio model with the tokens’ own schedule, not a measurement in a room.',
  minutes: 'Minutes together',
  noticed: 'Noticed',
  battery: 'Charge used by the radio',
  batterySays:
    'Milliampere-hours a day of each wearer’s radio, from its listening windows and adverts and the published currents of an Espruino board. Screen, processor and vibration are not in it.',
  wearer: 'Wearer',
  perDay: 'mAh a day',
  storage: 'What tokens keep',
  storageSays:
    'Sealed batches that all tokens together wrote each day, one for each quarter of an hour in which somebody was near. A token erases each after 14 days.',
  day: 'Day',
  batches: 'Batches',
  warnings: 'Who should have been warned, and who was',
  warningsSays:
    'By the scoring model, from what radios really received and before any log, link or server. “Borderline”: so near to the threshold that rounding decides.',
  score: 'Score',
  verdict: 'Should be',
  told: 'Was told',
  after: 'Hours after the first report',
  warn: 'warned',
  spare: 'left alone',
  borderline: 'borderline',
  yes: 'yes',
  no: 'no',
  met: 'Who met whom',
  metSays:
    'How many adverts each wearer’s token (row) received from each other (column): darker is more. Only the simulator knows this; no token, counter or server could draw it.',
  faults: 'What went wrong on purpose',
  faultsSays: 'Faults that the run made happen, and how often.',
  fault: 'Fault',
  times: 'Times',
  none: 'Nothing was made to go wrong.',
  held: 'What held all the time',
  heldSays:
    'Each was checked at every event or at the end. One that had broken would have ended the run without this page.',
  property: 'Number',
  promise: 'Promise',
} as const;

const FR: Record<keyof typeof EN, string> = {
  title: 'Un monde simulé de galets',
  intro:
    'Cette page vient d’une exécution du simulateur : le vrai code des galets, des comptoirs et du serveur, dans un temps et une radio simulés. Aucune personne réelle n’y figure. Elle montre que des promesses ont tenu dans ce monde ; elle ne prouve pas qu’elles tiennent dans tous les autres.',
  run: 'L’exécution',
  seed: 'Graine',
  hash: 'Empreinte des événements',
  again: 'Pour la revivre, à l’octet près',
  length: 'Jours simulés',
  wearers: 'Porteurs',
  speed: 'Fois plus vite que le temps réel',
  detection: 'En combien de temps un voisin est remarqué',
  detectionSays:
    'Part des rencontres qu’un galet a remarquées après un temps donné, quand la moitié des messages radio se perdent. C’est le modèle radio avec l’horaire des galets, pas une mesure dans une pièce.',
  minutes: 'Minutes ensemble',
  noticed: 'Remarqué',
  battery: 'Charge consommée par la radio',
  batterySays:
    'Milliampères-heures par jour de la radio de chaque porteur, d’après ses écoutes, ses annonces et les courants publiés d’une carte Espruino. L’écran, le processeur et la vibration n’y sont pas.',
  wearer: 'Porteur',
  perDay: 'mAh par jour',
  storage: 'Ce que les galets gardent',
  storageSays:
    'Lots scellés écrits chaque jour par tous les galets ensemble, un par quart d’heure où quelqu’un était proche. Un galet efface chacun après 14 jours.',
  day: 'Jour',
  batches: 'Lots',
  warnings: 'Qui devait être prévenu, et qui l’a été',
  warningsSays:
    'Selon le modèle de score, d’après ce que les radios ont vraiment reçu, avant tout journal, lien ou serveur. « Limite » : si près du seuil que l’arrondi décide.',
  score: 'Score',
  verdict: 'Devait être',
  told: 'A été prévenu',
  after: 'Heures après le premier signalement',
  warn: 'prévenu',
  spare: 'laissé tranquille',
  borderline: 'limite',
  yes: 'oui',
  no: 'non',
  met: 'Qui a rencontré qui',
  metSays:
    'Combien d’annonces le galet de chaque porteur (ligne) a reçues de chaque autre (colonne) : plus foncé, plus nombreuses. Seul le simulateur le sait ; ni galet, ni comptoir, ni serveur ne pourrait le dessiner.',
  faults: 'Ce qui est allé mal, exprès',
  faultsSays: 'Les pannes que l’exécution a provoquées, et combien de fois.',
  fault: 'Panne',
  times: 'Fois',
  none: 'Rien n’a été provoqué.',
  held: 'Ce qui a tenu tout le temps',
  heldSays:
    'Chaque promesse a été vérifiée à chaque événement ou à la fin. Une promesse rompue aurait arrêté l’exécution, sans cette page.',
  property: 'Numéro',
  promise: 'Promesse (en anglais)',
};

export type Words = Record<keyof typeof EN, string>;
export const WORDS: Record<Language, Words> = { en: EN, fr: FR };
