/** Words that say nothing of whether a word with a capital letter is a name: openers of sentences, and nouns of languages that capitalise all nouns. */
import { folded } from './language.ts';

const set = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/).map(folded));

const OPENERS: Readonly<Record<string, ReadonlySet<string>>> = {
  en: set(`a about above according across additional additionally after afterwards again against all almost along already also although altogether always among an and annual another any apart apparently approximately
    are around as aside at average back based because before behind being below beside besides between beyond both but by can case cases certain children cities clearly combined companies compared consequently consumers
    contrary conversely countries critics currently data deaths demand despite detailed did different doctors does doing due during each earlier early economists either elsewhere emissions engineers entire equally especially estimates
    even eventually every evidence exactly except experts exports factors failure farmers few fewer figures finally finding findings first five following for former formerly four from full further furthermore general generally
    given global globally governments great growth half hardly has have having he hence her here high higher his historians historically how however i if imports in including income increased increasingly indeed industry initial initially inside
    instead interest investigators investors is it its just lack largely large larger last lastly late later least less like likewise local long longer low lower mainly major many may maybe meanwhile measures members men
    moreover more most mostly much my nearly neither never nevertheless new next nine no nobody none nonetheless nor normally not nothing notably now observers occasionally of officials often old older on once one only
    opponents opinions or originally other others otherwise our out output outside over overall parents part participants partly passengers patients people perhaps population previous previously prices primarily prior private probably production profits public quite rather
    reaching recent recently regarding regardless rents reports research researchers residents respondents results revenue revenues rising roughly sales scholars scientists second seen separately seven several shares she shortly should similar similarly simply since six slightly small
    so some something sometimes somewhat soon sources specifically spending still studies study subsequent subsequently such supporters surveys taken ten that the their them then there thereafter therefore these they third this those though three
    through throughout thus to today together too total toward towards trade traffic treatment trials two typically ultimately under unlike until up upon use users using usually various very via visitors voters wages water we were what whatever when whenever where whereas whether
    which while who whole whose why will with within without women workers work would yet you younger yes young your works workings authors analysts construction opening fares tickets trains buses ships bridges journalists commuters`),
  de: set(`ab aber alle allerdings alles als also am an andere anders angesichts anschließend auch auf aufgrund aus außer außerdem bei beide beim bereits besonders bis bisher da dabei dadurch dafür dagegen daher damals damit danach daneben dann daran darauf daraus
    darin darüber darum darunter das dass davon davor dazu dem den denn dennoch der deren des deshalb dessen deswegen die dies diese diesem diesen dieser dieses doch dort drei durch eben ebenfalls ebenso ein eine einem einen einer eines einige einst entsprechend er erst erstmals es
    etwa etwas fast ferner für ganz gegen gegenüber genau gleichzeitig heute hier hierbei hinter hinzu ihr ihre ihrem ihren ihrer im immer in indem infolge innerhalb insbesondere insgesamt inzwischen ist jede jeder jedes jedoch jene jetzt kein keine kurz lange laut manche
    mehr mehrere mehr meist meistens mit mittlerweile nach nachdem nahezu neben nicht nie noch nun nur ob obwohl oder oft ohne pro rund schließlich schon sehr seine seinem seinen seiner seit seitdem sie so sobald sodass sogar solche somit sonst soweit sowie später statt täglich teilweise
    trotz trotzdem über überall übrigens um und unter ursprünglich viele vielmehr vom von vor vorher während wann war waren warum was weder wegen weil weiter weitere weiterhin welche wenig weniger wenn wer werden wie wieder wird wo wobei wurde wurden zahlreiche zu zudem zuerst
    zuletzt zum zumindest zunächst zur zusammen zusätzlich zuvor zwar zwei zwischen ja nein`),
  fr: set(`à afin ainsi alors après au aujourd aucun aucune aussi autant autour autre autres aux avant avec beaucoup bien c ce cela celle celui cependant certains certaines ces cet cette ceux chaque chez comme comment contre d dans de depuis dernier des dès désormais deux donc dont du durant elle elles en
    encore enfin ensuite entre environ est et étant il ils j jusqu jusque l la là laquelle le lequel les leur leurs lors lorsque mais malgré même moins n ne ni non nos notamment notre nous on or ou où outre par parce parmi pendant peu plus plusieurs plutôt pour pourtant près puis puisque
    quand quant que quel quelle quelques qui quoique s sa sans sauf se selon ses seul seule seulement si soit son sous suite sur surtout tandis tel telle tous tout toute toutefois toutes très trois un une vers voici voilà votre vous y oui`),
  es: set(`a además ahora al algunas algunos allí antes aproximadamente aquella aquí así aún aunque bajo cada casi como con contra cuando cuatro de debido dentro desde después dos durante e el él ella ellas ellos en entonces entre era es esa ese eso esta estaba estas este esto estos finalmente fue
    fueron gracias ha había hacia hasta hay hoy igualmente incluso la las le les lo los luego mas más menos mientras muchas muchos muy ni ningún ninguna no nos nuestra o otra otras otro otros para pero poco por porque posteriormente primero pues que quien se según ser si sí sin sobre sólo solo su sus
    tal también tampoco tanto te todas todo todos tras tres tu un una unas uno unos varias varios y ya yo`),
  it: set(`a ad ai al alcune alcuni alla alle allora altre altri anche ancora attualmente avanti c che chi ci ciò circa col come con così cui da dagli dai dal dalla dalle degli dei del della delle dello di dopo dove due durante e è ed era erano essa esse fa finché fino fra già gli grazie i il in infatti infine inoltre insieme
    invece io l la le lei lo loro lui ma malgrado meno mentre molte molti ne nei nel nella nelle nessun non nonostante o ogni oggi oltre or ora per perché però più poco poi prima quale quando quanto quasi quattro quella quelle quelli quello questa queste questi questo qui s se secondo sei senza si sia solo sono sotto
    sua sue sugli sui sul sulla suo suoi tali tanto tra tre tuttavia tutte tutti un una uno verso vi`),
  pt: set(`a à ainda além algumas alguns ali antes ao aos apenas apesar após aquela aquele as às assim até atualmente cada cerca com como contra contudo da das de depois desde devido do dois dos duas durante e é ela elas ele eles em embora enquanto entre entretanto então era essa esse esta está este estes foi foram há hoje isso
    isto já la lo mais mas me menos mesmo muitas muitos na nas não nem nenhum nesta neste no nos nossa o onde os ou outra outras outro outros para pela pelas pelo pelos pois por porém porque posteriormente primeiro quando quanto quase que quem são se segundo sem ser seu seus sob sobre sua suas também tanto
    tem todas todo todos três tudo um uma umas uns vários várias`),
  nl: set(`aan achter al alle alleen als andere anders begin behalve bij binnen boven bovendien buiten daar daarbij daardoor daarna daarnaast daarom dan dat de deze die dit doch door dus echter een eerst elk elke en enkele er ergens even gedurende geen hun haar heeft het hier hierdoor hij hoe hoewel ieder iedere in inmiddels
    is ja later maar meer men met minder na naar naast nadat net niet niets nog nu of om omdat onder ongeveer ook op over per pas rond samen sinds slechts soms te tegen ten terwijl toch toen tot tussen uit uiteindelijk van vanaf vanwege veel verder vervolgens via volgens voor vooral voordat waar waardoor waarom wanneer was
    wat we welke werd werden wie wij ze zelfs zes zij zijn zo zoals zodat zonder zowel`),
};

/** Whether sentences often begin with the word. */
export function isOpener(word: string, language: string): boolean {
  const key = folded(word).replace(/['’].*$/, '');
  return (OPENERS[language] ?? OPENERS['en'])?.has(key) === true || (language !== 'en' && OPENERS['en']?.has(key) === true && OPENERS[language] === undefined);
}

const GERMAN_NOUNS = set(`Abend Abkommen Abstand Abteilung Aktie Aktien Alter Amt Anfang Angabe Angaben Angebot Anlage Anlagen Anstieg Anteil Anteile Antrag Antwort Anwendung Anzahl Arbeit Arbeiter Arbeitnehmer Art Arten Arzt Ärzte Aufgabe Aufgaben Auftrag Ausbau Ausgaben Ausland Ausstoß Autor Autoren Autorin Auto Autos
  Bahn Bahnhof Bau Bauern Bedarf Bedeutung Befragte Befragten Beginn Beispiel Beitrag Bereich Bereiche Berg Bericht Berichte Beruf Beschäftigte Beschäftigten Besucher Betrieb Bevölkerung Bewohner Bild Blut Boden Brücke Buch Bund Bürger Chef Computer Dach Daten Dauer Dauerhaft Decke Dorf Druck Durchschnitt Ebene Effekt Einfluss Einkommen
  Einwohner Eltern Ende Energie Entwicklung Erde Erfolg Ergebnis Ergebnisse Ernte Eröffnung Ersatz Fahrer Fahrgäste Fahrt Fahrten Fahrzeug Fahrzeuge Fall Fälle Familie Farbe Fläche Fluss Folge Folgen Forscher Forscherin Forschung Form Frage Fragen Frau Frauen Freund Gebäude Gebiet Gebiete Gefahr Geld Gemeinde Gericht Geschichte Gesellschaft Gesetz
  Gesundheit Gewicht Gewinn Gewinne Grad Grenze Größe Grund Gründe Gruppe Gruppen Hafen Hälfte Hand Haus Haushalte Häuser Herstellung Hersteller Herz Hilfe Hinweis Höhe Holz Idee Industrie Information Informationen Inhalt Insel Inseln Interesse Jahr Jahre Jahren Jahres Jahrhundert Jahrzehnt Jahrzehnte Jugend Jugendliche Kilometer Kind Kinder Kindern Kirche Klima
  Kohle Kommission Kosten Kraft Kranke Kredit Krieg Kritiker Kunde Kunden Kunst Küste Lage Land Länder Ländern Landwirte Länge Leben Lehrer Leistung Leiter Leute Linie Liste Länge Luft Macht Mädchen Mal Mann Männer Markt Maschine Maß Maßnahmen Meer Mehrheit Meinung Menge Mensch Menschen Meter Metern Mieten Minute Minuten Mitarbeiter Mitglied Mitglieder Mitte Mittel Monat Monate
  Monaten Morgen Museum Musik Mutter Nachfrage Nacht Name Namen Natur Netz Niederschlag Norden Nutzer Nutzung Ort Orte Osten Partei Patient Patienten Patientinnen Person Personen Pflanze Pflanzen Plan Platz Politik Polizei Präsident Praxis Preis Preise Problem Probleme Produkt Produktion Projekt Prozent Prozess Punkt Quelle Quellen Rahmen Rand Raum Recht Rede Regel Regen Region Regionen Regierung
  Reihe Reise Reisende Rest Richtung Rolle Rückgang Sache Schaden Schäden Schiff Schiffe Schritt Schule Schulen Schüler Schutz See Seite Seiten Sicherheit Sinn Sommer Sonne Spiel Spitze Sprache Staat Staaten Stadt Städte Stelle Stellen Steuer Steuern Straße Strecke Strom Studie Studien Stück Stunde Stunden Süden System Tag Tage Tagen Täler Technik Teil Teile Teilnehmer Temperatur Temperaturen Thema Tier Tiere
  Titel Tod Todesfälle Tonne Tonnen Tor Träger Turm Typ Überblick Umfang Umfrage Umsatz Umsätze Umwelt Unfall Unternehmen Unterricht Unterschied Untersuchung Urlaub Ursache Vater Verbrauch Verbraucher Verein Verfahren Vergleich Verkehr Verlauf Verlust Verluste Versuch Vertrag Volk Vorteil Wachstum Wahl Wähler Wahlen Wald Wälder Wand Ware Wärme Wasser Weg Weise Welt Werk Werke Wert Werte Westen Wetter Winter
  Wirkung Wirtschaft Wissenschaftler Woche Wochen Wohnung Wohnungen Wort Zahl Zahlen Zeit Zeiten Zeitung Zeitraum Zentrum Ziel Ziele Zug Züge Zugang Zukunft Zusammenhang Zustand Zweck Minister Ministerin Direktor Direktorin Professor Professorin Parlament Bürgermeister Bürgermeisterin Million Millionen Milliarde Milliarden Monate Hotel Film Team Test Programm Park Export Import Investition Investitionen`);

const GERMAN_ENDINGS = /(?:ungen|ung|heit|heiten|keit|keiten|schaft|schaften|tion|tionen|ismus|ität|itäten|chen|nisse|nis|tum|fälle|zahlen|zahl|kosten|preise|preis|jahre|jahr|länge|höhe|werk|werke|stoffe|stoff|brücke|strecke|linie|gebiet|gebiete|arbeit|arbeiten|verkehr|industrie|forschung|forscher|forschern|gruppe|gruppen|menge|mengen|leiter|leute|mittel|teile|teil|plan|stadt|städte)$/iu;

/** Whether a German word with a capital letter is a common noun, as far as a list and its ending tell. */
export const isGermanNoun = (word: string): boolean => GERMAN_NOUNS.has(folded(word)) || GERMAN_NOUNS.has(folded(word).replace(/(?:es|s|n|en|e)$/, '')) || (word.length >= 7 && GERMAN_ENDINGS.test(word)) || endsInNoun(folded(word));

/** Denkmalschutz, Solaranlagen: a listed noun of five letters or more at the end of a longer word. */
function endsInNoun(word: string): boolean {
  for (let at = 3; word.length - at >= 5; at++) if (GERMAN_NOUNS.has(word.slice(at))) return true;
  return false;
}

/** Whether the list has it as it stands. */
export const isListedGermanNoun = (word: string): boolean => GERMAN_NOUNS.has(folded(word));

/** Forms of address and months of speech that carry no claim of their own. */
export const TITLES = set('mr mrs ms dr prof professor sir dame herr frau monsieur madame mme m señor señora signor senhor dhr mevr i ad ce bc bce');
