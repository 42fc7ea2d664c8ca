/** Mathematicians: name, birthplace, year of birth. */
export const mathematicians: readonly string[] = `
Niels Henrik Abel, Finnoy, 1802
Maria Gaetana Agnesi, Milan, 1718
Charles Babbage, London, 1791
Stefan Banach, Krakow, 1892
Jacob Bernoulli, Basel, 1655
Johann Bernoulli, Basel, 1667
Daniel Bernoulli, Groningen, 1700
Bernard Bolzano, Prague, 1781
George Boole, Lincoln, 1815
Emile Borel, Saint-Affrique, 1871
Georg Cantor, Saint Petersburg, 1845
Elie Cartan, Dolomieu, 1869
Augustin-Louis Cauchy, Paris, 1789
Arthur Cayley, Richmond, 1821
Pafnuty Chebyshev, Akatovo, 1821
Alonzo Church, Washington, 1903
Richard Dedekind, Brunswick, 1831
Rene Descartes, La Haye, 1596
Peter Gustav Lejeune Dirichlet, Dueren, 1805
Paul Erdos, Budapest, 1913
Leonhard Euler, Basel, 1707
Pierre de Fermat, Beaumont-de-Lomagne, 1607
Joseph Fourier, Auxerre, 1768
Gottlob Frege, Wismar, 1848
Maurice Frechet, Maligny, 1878
Evariste Galois, Bourg-la-Reine, 1811
Carl Friedrich Gauss, Brunswick, 1777
Sophie Germain, Paris, 1776
Kurt Goedel, Bruenn, 1906
Alexander Grothendieck, Berlin, 1928
Jacques Hadamard, Versailles, 1865
William Rowan Hamilton, Dublin, 1805
G. H. Hardy, Cranleigh, 1877
Felix Hausdorff, Breslau, 1868
Charles Hermite, Dieuze, 1822
David Hilbert, Koenigsberg, 1862
Grace Hopper, New York, 1906
Carl Gustav Jacob Jacobi, Potsdam, 1804
Camille Jordan, Lyon, 1838
Mary Cartwright, Aynho, 1900
Johannes Kepler, Weil der Stadt, 1571
Felix Klein, Duesseldorf, 1849
Andrey Kolmogorov, Tambov, 1903
Sofya Kovalevskaya, Moscow, 1850
Leopold Kronecker, Liegnitz, 1823
Joseph-Louis Lagrange, Turin, 1736
Pierre-Simon Laplace, Beaumont-en-Auge, 1749
Henri Lebesgue, Beauvais, 1875
Adrien-Marie Legendre, Paris, 1752
Gottfried Wilhelm Leibniz, Leipzig, 1646
Sophus Lie, Nordfjordeid, 1842
Joseph Liouville, Saint-Omer, 1809
Ada Lovelace, London, 1815
Aleksandr Lyapunov, Yaroslavl, 1857
Benoit Mandelbrot, Warsaw, 1924
Andrey Markov, Ryazan, 1856
Hermann Minkowski, Aleksotas, 1864
August Ferdinand Moebius, Schulpforta, 1790
Abraham de Moivre, Vitry-le-Francois, 1667
Gaspard Monge, Beaune, 1746
John Napier, Edinburgh, 1550
John von Neumann, Budapest, 1903
Isaac Newton, Woolsthorpe, 1643
Emmy Noether, Erlangen, 1882
Blaise Pascal, Clermont-Ferrand, 1623
Giuseppe Peano, Spinetta, 1858
Henri Poincare, Nancy, 1854
George Polya, Budapest, 1887
Srinivasa Ramanujan, Erode, 1887
Bernhard Riemann, Breselenz, 1826
Julia Robinson, Saint Louis, 1919
Bertrand Russell, Trellech, 1872
Claude Shannon, Petoskey, 1916
Mary Somerville, Jedburgh, 1780
Simon Stevin, Bruges, 1548
James Joseph Sylvester, London, 1814
Alfred Tarski, Warsaw, 1901
Brook Taylor, Edmonton, 1685
Alan Turing, London, 1912
Francois Viete, Fontenay-le-Comte, 1540
Karl Weierstrass, Ostenfelde, 1815
Andre Weil, Paris, 1906
Hermann Weyl, Elmshorn, 1885
Norbert Wiener, Columbia, 1894
Ernst Zermelo, Berlin, 1871
`.trim().split('\n');
