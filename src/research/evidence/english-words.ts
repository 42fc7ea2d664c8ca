/**
 * Common words of English, so that one at the start of a sentence is not taken for a name. Those that are written in lower case far more often
 * than with a capital letter, by their ranks in the vocabulary of the Qwen2 tokenizer (Apache-2.0); words that are names of people and firms
 * as well are left out, and so are forms that the endings below give.
 */
const WORDS: ReadonlySet<string> = new Set(`
  abandon ability able aboard abort abortion about above abroad abrupt absence absent absolute absorb absorption abstract absurd abuse academic accelerate acceleration accent accept acceptable
  acceptance access accessible accessory accident accommodate accommodation accompanied accompany accomplish accord accordance account accountable accumulate accumulation accuracy accurate accus
  accusations achieve achievement acknowledge acoustic acquire acquisition acre across acted acting action activate activation active activist activity actor actress acts actual adapt adaptation added
  addict adding addition address adds adequate adhere adjacent adjust adjustable adjustment admin administer administration administrators admission admit admitted adolescent adopt adoption adult
  advance advancement advantage advent adverse advertis advertisement advice advise advocacy advocate aerial affair affect affiliate afford aforementioned after aftermath afternoon afterward again
  against aged agency agenda agent ages aggregate aggressive aging agree agreement ahead ahora aimed aims ainda ainsi aircraft aired airline airplane airports alarm albeit album alcohol alert algebra
  algorithm alias alien align alike alive alleg allegations allies allocate allocation allow allowance almost alone along alongside alors alpha already also alter alternate alternative altitude alto
  altogether aluminum always amazing ambient ambition ambitious amend amendments amet amid among amongst amount ample amplitude analog analys analyse analysis analysts analytical analyze ancestors
  anchor ancient anger angle angry anim animated animations ankle anniversary annonce annotations announc announce announcement annoy annual another answer anterior antes anti antibiotics anticipate
  anxiety anybody anymore anyone anything anytime anyway anywhere apart apartment apologize apology apparatus apparent appeal appear appearance append appl appliances applicable applicant application
  applied apply appointed appointment appreciate appreciation approach appropriate approval approve approx approximate apps arbitrary area aren arguably argue argument arise arithmetic arms around
  arrang arrangement arrest arrival arrive arrow article artifact artificial artist artistic ascending aside asked asking asks asleep aspect asphalt assault assemble assert assess assessment assets
  assign assignment assist assistance associated associations assum assume assumption assure astronaut async asynchronous athlete athletic atmosphere atmospheric atom attach attachment attack attain
  attempt attend attendance attendees attention attitude attorneys attract attraction attractive attribute atual auction audience audio audit augment authentic authenticated author authority
  authorized auto automated automatic automation automobile autre avail availability available avait avant avec average avoid avoir await awaken award aware awareness away awkward axes axis baby back
  backend background backpack backup backward backyard bacteria bacterial badly bags bait bake balance ball balloon ballots banana band bandwidth banned bare barrel barrier bars base baseball baseline
  basement basic basis basket basketball bass batch bathroom bats batter battery battle beach beaches beam bear beat beautiful beauty became because become bedroom beds beef been beer bees before
  began begin beginning begun behalf behave behavior behaviour behind being belief believe belong beloved below belt bench beneath beneficial benefit beside beta better betting between beverages
  beyond bias bicycle bidding bids bien bigger biggest bike billed billion bills binary bindings bins bird birth birthday bite bits bitter blades blame bland blank blanket blast blend bless blew blind
  block blog bloggers blonde blood bloody blow blown blunt board boasts boat bodily body boil bold bolts bomb bone bonus book bookmark boom boost booth boots border bore borrow boss both bottle bottom
  bought bounce bound boundary boxes boxing boyfriend boys brace brackets brain brake branch brass brave breach bread break breakdown breakfast breast breath breathe breed breeze brick bride bridges
  brief bright brightness brilliant bring broad broke broken broth brought brows brush bubble bucket buddy budget buffer bugs build built bulb bulk bullet bullying bump bunch bundles bunk burden
  buried burn burnt burst busca buses business bust busy butter button buyer buying buys bypass bytes cabin cabinets cable cache cada caffeine cage cake calcium calculate calculation calibration call
  callbacks calm calories came camera camp campaign campus cancel cancell cancellation cancer candidate candle cannot cans canvas capability capable capacity capital capitalist caps capsule capture
  carbon card cardio care careful cargo carpet carried carrier carry cars cart cartoon carved cases casino cast catch category cats cattle caught cause caution cautious cave cease ceiling cela
  celebrate celebration cell cellular cement cent centered centres century cerca ceremony certain certainty certificate certification cette chain chairs chalk challeng challenge champion chance chang
  change channel chant chaos chapters chaque character characteristic characterized charg charge charitable charm chart chasing chat cheap cheapest check checkout checkpoint cheer cheese chemical
  chest chew chicken child children chip chocolate choice choose chopped chord chore chose chosen chunks cigarette circle circuit circular circulation circumstances cite cities citizen citizenship
  civil civilians civilization claim clamp clarify class classic classification classified classroom clauses clean clear clearance clever clic click client climate climb clinics clip clock clone close
  closest closet closure cloth cloud club cluster clutch coach coal coarse coat coconut code coefficient coffee cognitive coin cold collaboration collaps collapse collar colleague collect collection
  collective collector colleges collision colony color colorful colour column comb combat combination combine combo combust come comfort comfortable comfortably comic comm command comme comment
  commercial commissioned commit commitment committed committing commodity common communicate communication community comp compact companion company compar comparable compare comparison compartment
  compatibility compatible compelled compelling compensate compet compete competent competition competitive competitor compilation compile complain complaint complement complet complete completion
  complex complexity compliance complicated complications compliment components compos compose composition compound comprehensive compress compression comprised comprises comprising compromise comput
  computation compute conced conceived concentrate concentration concept conception conceptual concern concert conclude conclusion concrete condemn condition condo conduct cone conf conferences
  confess confidence confident confidential config configur configuration confined confirm confirmation conflict conform confront confused confusing confusion congr conjunction connect connection
  connectivity cons conscience conscious consectetur consecutive consensus consent consequence conservation conservative consider considerable considerably consideration consist consistent console
  const constant constitu constitute constraint construct construction consultation consum consume consumption contact contain contamination content contest context continent conting continu
  continuation continue continuity continuous contour contract contractor contradiction contrary contrast contre contribute contribution control controlled controllers controlling controversial
  controversy convenience convenient convent conventional conventions convers conversation conversion converted converting convey convicted conviction convinc convince cooked cookie cooking cool
  cooperation coordinate coords cope copied copper cops copy cores corn coronavirus corporate corporations correct correction correlated correlation correspond corridor corros corrupted corruption
  cosmetic cost costume cottage cotton couch cougar cough could couldn count counterpart country countryside coup couple coupon course courts cousin cover coverage cows crack craft crap crash crate
  crawl crazy cream creat create creation creativity creators creature credentials credibility credible credit creep crew cricket cried crimes criminals crisis criterion critical criticism criticized
  critics critique crop cross crowd crucial crush crust crying cryptocurrency crystals ctypes cube cubic cult cultural culture cumulative cups curb cure curiosity curious curl current curriculum
  curtain curve cushion custom customized cute cutoff cuts cutting cycle cylinder daily dairy damage dance danger dangerous dans dark data database dataset dated dates dating daughter days dead
  deadline deaf deal dealt death debate debe debit debt debugging debut decade decay decent decide decimal decision deck declar declaration declare decline decode decorated decorating decoration
  decorative decrease dedicated deduction deemed deep deer default defeat defect defence defend defendant defenses defensive deficiency deficit defin define definite definition degree delay delegate
  delet delete delicate delicious delight deliver delivery demand demo democracy demon demonstrate demonstration denied denominator density dental dentist deny depart departments departure depend
  dependence dependencies dependent depict deploy deployment deposit depress depression depth deriv derivative derive descendants descending descent describe description descriptors desde desert
  deserve design designated desirable desire desk desktop desperately despite dessert destination destroy detached detail detained detect detection detector determin determination determine develop
  development deviation device devote diagnosed diagnosis diagnostics diagonal diagram dialogue diam diameter dice didn died dies diesel diet dietary diferentes diff difference different differential
  difficult difficulty digging digit dignity dimension dining dinner dioxide direct direction directives directors directory dirt disability disable disadvantage disagree disappear disappoint disc
  discarded discharge disciples discipline disclaimer disclose disclosure discount discourse discover discovery discrete discrimination discuss discussion disease dish disk dislike dismiss disorder
  dispatch dispens displaced displacement display disposed disposition disput dispute disrupt disruption dissertation distance distant distinct distinction distinguish distortion distress distribute
  distribution districts disturb dive diverse diversity divid divide divisions divorce django dock doctor document does doesn dogs doing doll dollar dolor domain domestic dominant dominate donate
  donation donde done donor dont door dorm dose dots double doubt dough down download downtown downward dozen draft drag dragged dragging drain dram drama dramatic drastically draw drawn dream dress
  dried drift drill drink drive driven drone drop dropped dropping drought drove drum drunk dryer drying dual duct dull dumb dump dumpster duplicate durable durante duration during dust duty dying
  dynamic each eager earlier earliest early earn ears earthquake ease easier easiest easily easy eaten eating eats echo economic economists economy edges edit editions editor editorial educate
  education educators effect effective effectiveness efficacy efficiency efficient effort eggs eight eighth either elaborate elapsed elder elected election electric electricity electro electron
  electronic elegant element elementos elephant elevated elevation elevator eleven eligible eliminate elimination elit elle else elsewhere email embargo embarrass embedded embedding embodiment embrace
  emerg emerge emergence emergency emission emit emitted emotion empathy emphasis emphasize empirical employ employee employment empower empty enable enact enchant enclosed encode encompass encontrar
  encore encount encourage ended ending endless endors endorse endorsement endpoints ends endurance endure enemy energetic energy enforce enforcement engage engagement engine engineered enhance enjoy
  enjoyable enormous enough enrolled ensure enter entertain enthusiasm enthusiasts entire entirety entitled entr entrance entre entrepreneur entropy entry enum envelope environment epic episode epochs
  epsilon equal equality equation equipment equipped equivalent erase error escape especially essay esse essence essential esta establish establishment estate estimate estimation ethical euros eval
  evaluate evaluation even event eventual ever every everybody everyday everyone everything everywhere evidence evident evil evolve exact exam examination examine example exceed excellent except
  exceptional exceptions excess excessive exchange excit excitement exclude exclusive execut execute execution executive exempt exemption exercise exert exhaust exhibit exhibition exist existe
  existence exit exotic expand expansion expect expectation expenditure expense expensive experience experiment expert expertise expiration expire explain explanation explicit explode exploit explor
  explore explos explosion explosive exponent export expos expose exposure express expression extend extension extensive extent exterior external extra extract extraction extraordinary extreme eyes
  fabric face facet facial facilitate facility fact factions factor factory faculty fail failure faint fair faire fait faithful fake fall fallback fallen false familiar family famous fancy fans
  fantastic fare farm farther fashion fast fastest fatal father fatigue fault favor favorable favorite favour favourite fear feasible feather feature federal feed feedback feel fees feet fell fellow
  felt female feminist femme fence festivals fetch fever fewer fiber fiction fifteen fifty fight figure file filenames fill fille film filter final finale financ financial find fine finest finger
  fingerprint finish finite fire firearms firefight fireplace firm firmware first fish fitness fits fitted fitting five fixed fixes fixing fixture flag flames flash flat flavor flaw fleeing flew flex
  flexibility flexible flick flies flight flip flipped float flock flood floor floral flour flow fluid flush flux flying foam focus fold folks follow fond font food fool foot footage football force
  fore forecast foreign foremost forests forever forget forgive forgot forgotten fork form forma format formation formula forth fortunate forty forward foul found four fourth fraction fragile
  fragments frame framework franchise freak free freedom freelance freeze frequency frequent fresh friction fridge friend friendship from front frontend frozen fruit frustrated frustration fuel
  fulfill full fully function functionality fund fundamental fundraising fung funny furniture further future gain galleries gallon game gameplay gamma gaps garage garbage garlic gases gasoline gate
  gather gauge gave gear gems gender generally generate generation generator generous genes genres gente gentle gentleman gently genuine geometry gesture gets getting giant gift ginger girl girlfriend
  give given glad glance glass glimpse global globe gloss glow glue gluten goal goes going gone good gorgeous gotten govern government grab grabbed grad grade gradient gradually graduate graduation
  grain grammar grams grand grandchildren grandfather grandmother granted grants graph graphic grass gratuit grave gravel gravity great greatest greet grew grid grief grind grocery groom gross ground
  group grow grown growth guarante guarantee guard guess guest guidance guided guidelines guilt guilty guitar guns gust guys habit hack hadn hair half halfway hand handful handle handy hang happen
  happiness happy harass hard hardest hardware harm harmful harsh harvest hasn hatred hats haul have haven hazardous head headache headline headphones headquarters headset heal health healthcare
  healthy heap hear heard heart heat heavier heavily heavy hecho hedge heel height held helicopt helmet help helpful hence herb here herein hers herself hidden hide high highest highlight hike himself
  hint hire hist histogram historical history hits hitting hobby hold hole holiday home homeless homemade homeowners hometown homework honest honesty honey honor hoped hopeful hopes hoping horizontal
  hormones horrible horror horse hospital host hostname hotels hottest hour household houses housing hover huge human humanitarian humanity humidity humor hundred hungry hunters hunting hurd hurry
  hurt husband hybrid hydraulic hydrogen hype hypothesis idea ideal identical identification identified identifier identify identity idle ignor ignorant ignore illegally illness illustrate
  illustration image imagery imagin imaginary imagination imagine immediate immigrant immigration immune impact impair imperative implant implement implementation implications implicit implied imply
  import importance important impose impossible impress impression impressive improper improve improvement impulse inaccurate inadequate inappropriate inbox incentive inch incidence incident inclined
  includ include inclusion inclusive income incomplete incons inconsistent incorporate incorrect increase incred incredibly increment indeed independence independent index indicate indication
  indicator indices indirect individual indoor induce induction industry inequality inevitable inevitably inexpensive infant infected infection infer inferior infinite inflation influence influential
  inform information informative infrastructure ingredient ingres inhabitants inherent inherit init initially initiate initiatives injected injection injured injury inline inmates inner inning
  innocent innovations input inquiry insane insect insert insertion inside insight insist inspect inspection inspir inspire inst install installation installment instance instant instead institution
  instruct instruction instructor instrument insufficient insulation insulin insult insurance intact intake integ integral integrate integration integrity intellectual intelligence intend intense
  intensity intention inter interact interaction interactive interest interface interfere interference interim interior intermediate intern internationally interpolation interpret interpretation
  interrupt intersect intersection interval interven intervention interview intimate into intriguing intrinsic introduce introduction intros intuitive invalid invent invention inventory inverse
  inversion inverted invest investigate investigation investigative investigator investment investor invisible invitation invite invocation invoked involve ipsum irregular irrelevant isolate isolation
  issue item iteration itself jacket jail java jealous jeans jeune jewelry jobs join joint joke journalism journalist journals journey jours json judge judgment juice jump junk jurisdiction jury just
  justification justified justify keep kept kernel keyboard keys keyword kick kidney kids kill kilometers kind kitchen kits knee knew knife knives knock know knowledge known kwargs label labor lace
  lack ladder ladies lado laid lamps land landlord landscape lanes language laps laptop large largest last late latency latent latest latitude latter laugh launch laundry lawmakers lawn laws lawsuit
  lawyer layer laying layout lead leadership leaf leagues leak lean leap learn lease least leather leave lecture left legal legislation legitimate legs leisure lemon lend length lengthy lens lent less
  lesson lethal lets letter letting level lever liability liable liber library licenses licensing lies lieu life lifestyle lifetime lift light lightweight like likelihood limb lime limestone limit
  limitation line linear lineup link lips liquid liquor list listen liter literature litter little live load loan local localhost localized locate location lock logged logger logging logic logo logs
  longer longest longtime look loop loose loot lors lose loss lost lots lottery loud loved lovers loves lower lowercase lowest loyalty lucky lunch lungs luxurious luxury lying mach machine machinery
  macros made magazines magical magnet magnetic magnitude mail mailbox main mainstream maintain maintenance major majority make makeup manage mandate mandatory maneuver manifest manipulate
  manipulation mankind manner manufacture manuscript many mapping maps marble margin marked marker market marking marks marriage married marry martial mask mass massive match material mathematical
  matrices matrix matter mattress mature maturity maximize maximum maze meal mean meaningful meant measure measurement meat mechanic mechanism media median medical medication medicines medio medium
  meet meilleur melhor melt member membership membrane memo memorable memory menos ment mention mentor menu merchandise merchant mere merge merit mesh message metadata metal metallic meter method
  metres metric mice microphone middle midnight might migrants migrate migration mild mile mileage militants military milk mill million milliseconds mind mine minim minimize minimum minor minority
  mins minus minute mirror miserable misleading mismatch miss missile mission mistake mitigate mixed mixer mixing mixture modal mode model modelo moderate modern modest modification modified modifiers
  modify modular module moins moist moisture mold molecular molecule moment momentum monde money monitor monster month mood moral morality more morning mortal mortgage mosquito most mostrar mother
  motion motivated motivation motive motor motorcycle mount mountains mouse mouth move movement movie much multi multiplayer multiple multiplication multiplier multiply mundo murder muscle mush
  mushrooms music musician must mutation mutual myself mysterious mystery nack nada nail naive naked name narrative narrow nation native natural nature navigate near nearby nearest neat necess
  necessarily necessary necessity neck need negative neglect negotiate negotiation neighbor neighborhood neighbour neighbourhood neither nerves nervous nest network neurons neutral never newborn
  newcom newer newest newly newsletters newspaper next night nine ninth nitrogen nobody nodded node noise noisy nominal nominated nomination nonce noon norm normalization normalized nose notable
  notably notation notebook noted notes nothing notice noticeable notified noting notion notorious nouveau novel novo nowhere nuclear nullable number numerical numerous nurse nutrient nuts obey object
  objection objective obligation obscure observ observation observe obsolete obstacle obtain obvious occasion occupation occupied occupy occur occurred occurrence occurring odds offence offenders
  offense offer offic office official offset offspring often oils okay older oldest omitted once ones ongoing onion online only onset onto opaque open operate operation operator opinion opponent
  opportunity oppos oppose opposite opposition opted optical optimal optimization optimize option orbit order ordinance ordinary organic organis organisations organism organiz organization organize
  organs orient orientation origin originated orphan other otherwise otro ought ounces ours ourselves outbreak outcome outdated outdoor outer outfit outlet outline output outreach outright outs
  outside outstanding oven over overall overcome overflow overhead overlap overlapping overlook overnight override overseas oversee overtime overwhelming owed owned owner ownership owns oxygen pace
  pack package packet padded paddle pads pages paid pain painful paint pair pandas pandemic pane panel pants paper para parade paragraph parallel parameter params parent parked parking parliamentary
  parse part parte partial participants participate participation particle particular partie partisan partition partner partnership party pass passage passe passenger passion passive password past
  pasta paste patch patent path pathways patient patio patron pattern pause payable paying payload payment payout payroll pays peace peaceful peak peanut peas peculiar peers pelo penalty pencil
  pendant pending penetration pens people perceive percent percentage perception perfect perform performance perhaps perimeter period periodic peripheral perm permanent permissions permit permitted
  pero persist person personality personalized personas personnel personnes perspective persuade pertaining pessoas petition peut phase phenomena phenomenon philosoph philosophy phone photo photograph
  photography phrase phys physical physicians piano pick pickle pickup picture piece pigs pile pill pillow pilot ping pinned pins pint pione pipe pipeline pitch pivot pixels pizza place placeholder
  placement plain plan plane planet planned planning plant plasma plastic plate platform plausible play playground playlist playoff pleaded pleasant pleased pleasure pledge plenty plot plotting plug
  plugins plum plus pocket podcast poem poet poetry point poker polar pole police policy polished polit polite political politician politics poll polygon polynomial pond pool poor popped pops popular
  populated population porch pork porque port portable portfolio portion portrait portray posed poses position positive poss possess possession possibility possible possibly posted poster posting
  posts potato potential pound pour poverty powder power powerful practical practice practition praise pray preced precious precise precision predict predictable prediction predominantly prefer
  preference preferred prefix pregnancy pregnant preliminary premature premiere premise premium prep prepar preparation prepare prescribed prescription presence present presentation preserve
  presidency presidential press pressure pretend pretty prevalence prevent previous pride priests primarily primary primer primes principal principle print prior priority prison private privilege
  prizes probability probable probably probe problem problema problematic proc procedure proceed proceso processors produce product production productive productivity productos prof profession
  professors profile profit profitable profound program programa programme progress progressive prohibit project projectile projection prolonged prom prominent promised promises promising promot
  promote promotion prompt prone pronounced proof prop property proportion propos propose proprietary prosecution prosecutor prospects prosperity prostitu protagonist protect protection protein
  protest protocol prototype proud prove provid provide provinces provision proximity pseudo psychological public publication publish puede puis pull pulse pump punch punish punishment pupils puppy
  purchase pure purple purpose pursue pursuit push puts putting puzzle pyramid qualification qualified qualify quality quantitative quantity quantum quart quarterback quasi quel quelques query quest
  question questionable queue quick quien quiet quis quit quite quota quoted race racial rack radar radiation radical radius rail rain raise rally ramp random rang range rank rapid rare raster rate
  rather ratio rational rats reach reaction read readable readily readings ready real realised realistic reality realiz realizar realization realize rear reason reasonable reasonably rebels rebounds
  recall receipt receive recent reception receptors recess recession recipe recipient recognised recognize recommend recommendation reconsider record recount recover recovery recreated recruit recurs
  recursive recycled recycling redeem redirect redistribute reduce reduction redundant refer reference referred refine reflect reflection reflex reforms refresh refrigerator refs refugees refund
  refusal refuse regard regardless regime region regist registration regret regular regulate regulations regulators regulatory rehabilitation reinforced reject relate relation relationship relative
  relax relaxation release relevance relevant reliability reliable relied relieve religion reluctant rely remain remainder remark remarkable remarkably remedy remember remind remote removal remove
  renamed rencontres render renew renewable renovation rent reopen repair repeat replace replacement replied reply repo report repository repr represent representation representative reproduce reps
  reputation request require requirement rescue research reserv reservation reservoir resid reside residence resident residential residual resign resignation resist resistance resize resolution
  resolve resort resource respect respectful respective respond respondents respons response responsibility responsible rest restart restaurant restore restrict restriction result resultados resume
  retail retain retention retire retirement retreat retrieving retros return reveal revelations revenue revers reverse revert review revolution reward rhetoric rhythm ribbon ride ridiculous rifles
  right rigid rigorous ring rise risen risk rival road robot robust rocket rocks rode role roll romance romantic roof room root rope rotate rotation rough roulette round route routine rows rubber rude
  ruined ruins rule rumors runner running runs rural rushed sacrific sacrifice safe safeguard safety said sail sake salad salary sale salt same sample sanction sandbox sandwich sanitized satellite
  satisfaction satisfied satisfy saturation sauce sauna save savoir saying says scala scalar scale scandal scanning scare scary scatter scenario scene scent schedule scheme scholars scholarship school
  scientific scientist scope score scrap scratch scream screen screenshots screw script scroll scrut sculpture seal seam search season seat second secondary secretly section sector secular secure
  security seed seeing seek seem seen sees segment segundo seize sele select selection selective selector self sell semana semester semi send senior sensation sense sensible sensitive sensitivity
  sensor sent sentence sentiment separate separation sequel sequence serialized serializers series serious servant serve service session sets setting settle settlement setup seven sevent seventh sever
  severe sexual sexuality shade shadow shaft shake shall shallow shape share shareholders sharp shed sheep sheer sheet shelf shells shelter shelves shift shine shiny ship shipment shipped shipping
  shirt shock shoe shook shoot shop shoppers shopping shortage shortcut shorter shortest shortly shorts shot should shouldn shout show showcase shown shrink shuffle shut shuttle sibling sick side
  sidewalk sido sight sign signature significance significant silence silent silly similar similarity simpl simple simplest simplicity simplified simplify simply simulate simulation simultaneously
  since sincere singer singing single singular sink sint sister site sits sitting situated situation sixth size skate skeptical skew skill skin skip skipped skipping skirt slaves sleep sleeve slept
  slice slide slight slip slipped slope slot slow slug small smallest smart smartphone smell smile smoke smooth snack snake snap snapped snapshot sneak soap sobre soccer social society sock sockets
  soda sodium sofa soft soil soit solar sold soldier sole solid solution solve some somebody somehow someone something sometime somewhat somewhere song sons soon sophisticated sore sorry sort sought
  soul sound soup sour source sous space spacecraft spacious spam spans spare spark spatial spawn speak special specialist specialize species specific specification specified specify spectacular
  spectrum speculation speech speed spelling spells spend spent sphere spice spicy spike spill spin spine spinning spiral spirit spiritual spite splitting spoke spoken spokesman spokesperson sponsored
  sponsors spoon sport spot spotted spray spread sprites sqlite squad squares squeez squeeze stability stable stack staff stage stagger stair stake stall stamp stance stand standalone standard staple
  stare start startups state statement static station statistical statistics stats statue status stay steadily steady steak steal steep stem step stepped stepping stick sticky still stimulate stimulus
  stitch stock stole stolen stomach stones stood stop stopped stopping storage store storms story storytelling stove straight straightforward strain strand strang strange strap strategy straw stream
  streets strength strengthen stress stretch strict stride strike strings strip strive stroke strong struck struct structural structure struggle stuck stud student studied study stuff stumbled stunned
  stupid style subclass subject subjective submission submit submitted subs subscribers subscription subsection subsequent subset subsidi subsidiary substance substantial substitute substitution
  subtle subtract suburbs succeed succes successful succession successive successor such suck sudden suffer sufficient suffix sugar suggest suggestion suit suitable summary sums sunt super superb
  superhero superior supermarket supplement supplied supplier supply support suppose suppress suppression sure surface surge surgery surname surplus surprise surround surveillance survey surviv
  survive survivors susceptible suspect suspended suspicion sustain swallow swap sweat sweep sweet swept swim swimming swing switch sword symbol symbolic symmetry symptom synchronized syndrome
  synthesis synthetic syrup syst systematic systemic systems table tablet tabs tackle tactic tagged tags tail tailored take taken talent talk tall tank tant tanto tape targeted targeting targets
  tariffs task taste tasty tattoo taught taxes taxi taxpayers teach team teammate tear teas teaspoon technical technique technological technology teenage teens teeth telephone teleport television tell
  temp temperature template tempor temporarily temporary tempt tenant tend tendency tennis tens tense tension tensor tent term terminal terminate termination terrain terrible terrific terror terrorism
  terrorist test testimony text textures than thankful that theat theft their them theme themselves then theoretical theory therapist therapy there thereafter thereby therefore thereof thermal these
  thesis theta they thick thickness thigh thin thing think third thirty this thorough those though thought thoughtful thousand thread threat threaten three threshold threw thrive throat throttle
  through throughout throw thrown thru thrust thumb thus tick ticket tied tiempo tiene tienen ties tight tile till tilt time timeout timestamps tiny tipo tips tire tissue title today todos toes
  together toilet token tokenizer told tolerance tolerate toll tomato tomorrow tone tongue tonight tons took tool tooth topic topped tops torn tornado torque torture toss total touch touchdown tough
  tour tourism tourist tournaments tous tout toute toward towel towers town toxic toys trace track trade trademark tradition traffic tragedy trail train traits trajectory trans transaction transcript
  transf transferred transferring transform transformation transient transition translate translation transmission transmitted transparency transparent transport transportation trap tras trash trauma
  travel travelled travelling travers traverse tray treasure treat treatment tree tremendous trend tres trial triangle tribes tribute trick tricky tried tries trigger trim trio trip triple triumph
  trivial troops trop tropical trouble trouver truck true truly trust truth trying tube tuition tuning tunnel tuples turn turtle tutor tutorial tweet twelve twenty twice twist type typical ugly uint
  ultimate unable unacceptable unavailable uncertain uncertainty unchanged uncomfortable uncommon unconscious uncover under undergo underground underlying undermin undermine underneath understand
  understood undertake undertaken underwater undoubtedly unemployed unemployment unexpected unfamiliar unfold unfortunate unhappy unified uniform unions unique unit unknown unlikely unlimited unlock
  unnecessary unpleasant unprecedented unrelated unstable unsuccessful until unto unused unusual unveiled unwilling upcoming update upgrade upload upon upper upright upset upside upstairs upstream
  upward urge urgent usable usage used useful useless user uses using usual utilis utility utiliz utilization utilize utter uuid vacant vacation vaccination vaccine vacuum vague vain valid validate
  validity valores valuable value vanilla vapor variable variant variation varied variety various vary vectors vegan vegetable vegetarian vehicle velocity vendor vent venture venue verdict
  verification verified verify versa verse version versus vertex vertical vertices very vessel vest veteran viable vibrant vibrating vibration victim victory video view village villain vine vinegar
  vinyl violate violation violence violent virtual virus visible vision visit visitor visual visualization vital vitamin vocabulary vocals voice void volume voluntary volunte vote voucher voyage
  vulnerability wage waist wait wake walk wallet wallpaper walls wand want wardrobe warehouse warm warmth warn warrant washed washing wasn waste watch water wave wavelength ways weak weaken weakness
  wealth wealthy weapon wear weather website wedding weed week weekday weekend weekly weigh weight weird welcomed welcoming welfare well went were weren what whatever wheat wheel when whenever where
  whereas whereby wherein wherever whether which while whilst whisper whites whoever whole wholesale wholly whom whose wide widespread widgets width wife wild wilderness willing willingness wind
  window wine wing winner winning wins wipe wire wireless wise wish with withdraw withdrawn within without witness woke woman women wonder wonderful wooden word wore work workflow workout workplace
  worksheet workshops world worm worried worry worse worship worst worth worthwhile worthy would wouldn wound wrap wrapped wrapper wrapping wreck wrist write written wrong wrote yard yarn year yellow
  yesterday yield younger youngest your yourself youth zero zinc zombies zone zoom
`.trim().split(/\s+/));

const ENDINGS: readonly (readonly [ending: string, ...stems: string[]])[] = [
  ['s', ''], ['es', ''], ['ies', 'y'], ['ed', '', 'e'], ['ing', '', 'e'], ['ly', ''], ['er', '', 'e'], ['ers', '', 'e'], ['al', ''], ['ally', ''], ['ment', ''], ['ments', ''], ['ness', ''], ['ized', ''], ['ised', ''], ['ation', '', 'e'], ['ations', '', 'e'], ['ful', ''], ['less', ''], ['ism', ''], ['ists', ''],
];

/** Parts that many words begin or end with: overtourism, beachgoers, lawmakers. */
const COMPOUND = /^(?:over|under|un|re|dis|non|anti|pre|post|multi|sub|super)(?=\p{Ll}{4})|(?:goers?|makers?|holders?|owners?|workers?|keepers?)$/u;

/** Whether a word is a common one or a form of one, whatever its capitals. */
export function isEnglishWord(word: string): boolean {
  const key = word.toLowerCase();
  if (isListed(key)) return true;
  const rest = key.replace(COMPOUND, '');
  return rest !== key && rest.length >= 3 && isListed(rest);
}

const isListed = (key: string, depth = 0): boolean =>
  WORDS.has(key) || depth < 2 && ENDINGS.some(([ending, ...stems]) => key.endsWith(ending) && stems.some((stem) => key.length - ending.length + stem.length >= 4 && isListed(key.slice(0, key.length - ending.length) + stem, depth + 1)));
