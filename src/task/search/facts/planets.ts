/** Planets of the sun, in their order from it, and moons: name, planet, discoverer, year. */
export const planets: readonly string[] = ['Mercury', 'Venus', 'Earth', 'Mars', 'Jupiter', 'Saturn', 'Uranus', 'Neptune'];

export const moons: readonly string[] = `
Phobos, Mars, Asaph Hall, 1877
Deimos, Mars, Asaph Hall, 1877
Io, Jupiter, Galileo Galilei, 1610
Europa, Jupiter, Galileo Galilei, 1610
Ganymede, Jupiter, Galileo Galilei, 1610
Callisto, Jupiter, Galileo Galilei, 1610
Amalthea, Jupiter, Edward Barnard, 1892
Himalia, Jupiter, Charles Perrine, 1904
Elara, Jupiter, Charles Perrine, 1905
Pasiphae, Jupiter, Philibert Melotte, 1908
Mimas, Saturn, William Herschel, 1789
Enceladus, Saturn, William Herschel, 1789
Tethys, Saturn, Giovanni Cassini, 1684
Dione, Saturn, Giovanni Cassini, 1684
Rhea, Saturn, Giovanni Cassini, 1672
Titan, Saturn, Christiaan Huygens, 1655
Iapetus, Saturn, Giovanni Cassini, 1671
Phoebe, Saturn, William Pickering, 1899
Miranda, Uranus, Gerard Kuiper, 1948
Ariel, Uranus, William Lassell, 1851
Umbriel, Uranus, William Lassell, 1851
Titania, Uranus, William Herschel, 1787
Oberon, Uranus, William Herschel, 1787
Triton, Neptune, William Lassell, 1846
Nereid, Neptune, Gerard Kuiper, 1949
`.trim().split('\n');
