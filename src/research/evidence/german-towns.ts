/** Towns and lands that a German sentence may name. German writes all nouns with capitals, so that only a list tells Aachen from Nachen. */
const TOWNS: ReadonlySet<string> = new Set(`
  Berlin Hamburg München Köln Frankfurt Stuttgart Düsseldorf Leipzig Dortmund Bremen Dresden Hannover Nürnberg Duisburg Bochum Wuppertal Bielefeld Bonn Mannheim Karlsruhe Augsburg Wiesbaden
  Mönchengladbach Gelsenkirchen Aachen Braunschweig Chemnitz Kiel Magdeburg Freiburg Krefeld Mainz Lübeck Erfurt Oberhausen Rostock Kassel Potsdam Saarbrücken Ludwigshafen Oldenburg Osnabrück
  Leverkusen Darmstadt Heidelberg Solingen Herne Regensburg Neuss Paderborn Ingolstadt Fürth Würzburg Ulm Heilbronn Pforzheim Wolfsburg Göttingen Bottrop Reutlingen Koblenz Bremerhaven
  Erlangen Recklinghausen Remscheid Jena Trier Salzgitter Moers Cottbus Hildesheim Gütersloh Kaiserslautern Gera Witten Schwerin Hanau Esslingen Ludwigsburg Iserlohn Düren Tübingen Flensburg
  Villingen Konstanz Marburg Minden Neumünster Delmenhorst Bamberg Bayreuth Landshut Aschaffenburg Celle Lünen Kempten Fulda Lüneburg Sindelfingen Rosenheim Wilhelmshaven Passau Emden Weimar
  Wismar Stralsund Greifswald Görlitz Zwickau Dessau Goslar Speyer Wien Graz Linz Salzburg Innsbruck Klagenfurt Villach Bregenz Zürich Genf Basel Bern Winterthur Luzern Lausanne Lugano
  Schaffhausen Göteborg Antwerpen Brügge Rotterdam Straßburg Mailand Venedig Neapel Florenz Kopenhagen Warschau Krakau Danzig Breslau Bilbao Valencia Marseille Manchester Glasgow Dublin
  Helsinki Tallinn Bayern Sachsen Hessen Thüringen Niedersachsen Brandenburg Westfalen Holstein Schlesien Preußen Schwaben Franken Tirol Kärnten
`.trim().split(/\s+/));

/** Those that are common nouns or verbs too. */
const AMBIGUOUS: ReadonlySet<string> = new Set(['Bergen', 'Essen', 'Halle', 'Hagen', 'Hamm', 'Worms', 'Münster', 'Siegen', 'Singen', 'Gießen', 'Plauen', 'Zug', 'Baden', 'Weiden']);

/** Whether a word names a town; an ambiguous one does at the start of a sentence and after a preposition with no article. */
export const isTown = (word: string, { initial, before }: { initial: boolean; before: string }): boolean =>
  TOWNS.has(word) || (AMBIGUOUS.has(word) && (initial || /^(?:in|aus|nach|bei|von|bis|stadt)$/iu.test(before)));
