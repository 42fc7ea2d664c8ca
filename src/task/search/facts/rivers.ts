/** Rivers: name, a country on it, what it flows into. */
export const rivers: readonly string[] = `
Amazon, Brazil, Atlantic Ocean
Amur, Russia, Sea of Okhotsk
Arkansas, the United States, Mississippi
Brahmaputra, India, Bay of Bengal
Colorado, the United States, Gulf of California
Columbia, the United States, Pacific Ocean
Congo, the Congo basin, Atlantic Ocean
Danube, Romania, Black Sea
Dnieper, Ukraine, Black Sea
Dniester, Moldova, Black Sea
Don, Russia, Sea of Azov
Douro, Portugal, Atlantic Ocean
Drava, Croatia, Danube
Ebro, Spain, Mediterranean Sea
Elbe, Germany, North Sea
Euphrates, Iraq, Shatt al-Arab
Ganges, India, Bay of Bengal
Garonne, France, Bay of Biscay
Godavari, India, Bay of Bengal
Guadalquivir, Spain, Atlantic Ocean
Indus, Pakistan, Arabian Sea
Inn, Austria, Danube
Irrawaddy, Myanmar, Andaman Sea
Irtysh, Russia, Ob
Isar, Germany, Danube
Kama, Russia, Volga
Lena, Russia, Laptev Sea
Limpopo, Mozambique, Indian Ocean
Loire, France, Atlantic Ocean
Mackenzie, Canada, Arctic Ocean
Main, Germany, Rhine
Maritsa, Bulgaria, Aegean Sea
Mekong, Vietnam, South China Sea
Meuse, Belgium, North Sea
Mississippi, the United States, Gulf of Mexico
Missouri, the United States, Mississippi
Moselle, Germany, Rhine
Murray, Australia, Southern Ocean
Neckar, Germany, Rhine
Neva, Russia, Gulf of Finland
Niger, Nigeria, Gulf of Guinea
Nile, Egypt, Mediterranean Sea
Ob, Russia, Kara Sea
Oder, Poland, Baltic Sea
Ohio, the United States, Mississippi
Okavango, Botswana, Okavango Delta
Orange, South Africa, Atlantic Ocean
Orinoco, Venezuela, Atlantic Ocean
Parana, Argentina, Rio de la Plata
Po, Italy, Adriatic Sea
Rhine, the Netherlands, North Sea
Rhone, France, Mediterranean Sea
Rio Grande, the United States, Gulf of Mexico
Saint Lawrence, Canada, Gulf of Saint Lawrence
Sava, Serbia, Danube
Seine, France, English Channel
Senegal, Senegal, Atlantic Ocean
Shannon, Ireland, Atlantic Ocean
Tagus, Portugal, Atlantic Ocean
Thames, England, North Sea
Tiber, Italy, Tyrrhenian Sea
Tigris, Iraq, Shatt al-Arab
Tisza, Hungary, Danube
Ural, Kazakhstan, Caspian Sea
Vistula, Poland, Baltic Sea
Volga, Russia, Caspian Sea
Weser, Germany, North Sea
Yangtze, China, East China Sea
Yellow River, China, Bohai Sea
Yenisei, Russia, Kara Sea
Yukon, the United States, Bering Sea
Zambezi, Mozambique, Indian Ocean
`.trim().split('\n');
