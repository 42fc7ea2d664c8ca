/** Countries: name, capital, currency, continent. */
export const countries: readonly string[] = `
Afghanistan, Kabul, afghani, Asia
Albania, Tirana, lek, Europe
Algeria, Algiers, Algerian dinar, Africa
Angola, Luanda, kwanza, Africa
Argentina, Buenos Aires, Argentine peso, South America
Armenia, Yerevan, dram, Asia
Australia, Canberra, Australian dollar, Oceania
Austria, Vienna, euro, Europe
Azerbaijan, Baku, manat, Asia
Bahrain, Manama, Bahraini dinar, Asia
Bangladesh, Dhaka, taka, Asia
Belarus, Minsk, Belarusian rouble, Europe
Belgium, Brussels, euro, Europe
Belize, Belmopan, Belize dollar, North America
Bhutan, Thimphu, ngultrum, Asia
Botswana, Gaborone, pula, Africa
Brazil, Brasilia, real, South America
Cambodia, Phnom Penh, riel, Asia
Cameroon, Yaounde, Central African franc, Africa
Canada, Ottawa, Canadian dollar, North America
Chile, Santiago, Chilean peso, South America
China, Beijing, renminbi, Asia
Colombia, Bogota, Colombian peso, South America
Costa Rica, San Jose, colon, North America
Cuba, Havana, Cuban peso, North America
Cyprus, Nicosia, euro, Asia
Denmark, Copenhagen, Danish krone, Europe
Ecuador, Quito, United States dollar, South America
Egypt, Cairo, Egyptian pound, Africa
Estonia, Tallinn, euro, Europe
Ethiopia, Addis Ababa, birr, Africa
Fiji, Suva, Fijian dollar, Oceania
Finland, Helsinki, euro, Europe
France, Paris, euro, Europe
Gabon, Libreville, Central African franc, Africa
Georgia, Tbilisi, lari, Asia
Germany, Berlin, euro, Europe
Ghana, Accra, cedi, Africa
Greece, Athens, euro, Europe
Guatemala, Guatemala City, quetzal, North America
Guyana, Georgetown, Guyanese dollar, South America
Haiti, Port-au-Prince, gourde, North America
Honduras, Tegucigalpa, lempira, North America
Hungary, Budapest, forint, Europe
Iceland, Reykjavik, Icelandic krona, Europe
India, New Delhi, Indian rupee, Asia
Indonesia, Jakarta, rupiah, Asia
Iran, Tehran, Iranian rial, Asia
Iraq, Baghdad, Iraqi dinar, Asia
Ireland, Dublin, euro, Europe
Italy, Rome, euro, Europe
Jamaica, Kingston, Jamaican dollar, North America
Japan, Tokyo, yen, Asia
Jordan, Amman, Jordanian dinar, Asia
Kazakhstan, Astana, tenge, Asia
Kenya, Nairobi, Kenyan shilling, Africa
Kuwait, Kuwait City, Kuwaiti dinar, Asia
Kyrgyzstan, Bishkek, som, Asia
Laos, Vientiane, kip, Asia
Latvia, Riga, euro, Europe
Lebanon, Beirut, Lebanese pound, Asia
Lesotho, Maseru, loti, Africa
Liberia, Monrovia, Liberian dollar, Africa
Libya, Tripoli, Libyan dinar, Africa
Lithuania, Vilnius, euro, Europe
Luxembourg, Luxembourg, euro, Europe
Madagascar, Antananarivo, ariary, Africa
Malawi, Lilongwe, Malawian kwacha, Africa
Malaysia, Kuala Lumpur, ringgit, Asia
Mali, Bamako, West African franc, Africa
Malta, Valletta, euro, Europe
Mauritania, Nouakchott, ouguiya, Africa
Mexico, Mexico City, Mexican peso, North America
Moldova, Chisinau, Moldovan leu, Europe
Mongolia, Ulaanbaatar, tugrik, Asia
Montenegro, Podgorica, euro, Europe
Morocco, Rabat, Moroccan dirham, Africa
Mozambique, Maputo, metical, Africa
Namibia, Windhoek, Namibian dollar, Africa
Nepal, Kathmandu, Nepalese rupee, Asia
Netherlands, Amsterdam, euro, Europe
New Zealand, Wellington, New Zealand dollar, Oceania
Nicaragua, Managua, cordoba, North America
Niger, Niamey, West African franc, Africa
Nigeria, Abuja, naira, Africa
Norway, Oslo, Norwegian krone, Europe
Oman, Muscat, Omani rial, Asia
Pakistan, Islamabad, Pakistani rupee, Asia
Panama, Panama City, balboa, North America
Papua New Guinea, Port Moresby, kina, Oceania
Paraguay, Asuncion, guarani, South America
Peru, Lima, sol, South America
Philippines, Manila, Philippine peso, Asia
Poland, Warsaw, zloty, Europe
Portugal, Lisbon, euro, Europe
Qatar, Doha, Qatari riyal, Asia
Romania, Bucharest, Romanian leu, Europe
Russia, Moscow, Russian rouble, Europe
Rwanda, Kigali, Rwandan franc, Africa
Samoa, Apia, tala, Oceania
Saudi Arabia, Riyadh, Saudi riyal, Asia
Senegal, Dakar, West African franc, Africa
Serbia, Belgrade, Serbian dinar, Europe
Singapore, Singapore, Singapore dollar, Asia
Slovakia, Bratislava, euro, Europe
Slovenia, Ljubljana, euro, Europe
Somalia, Mogadishu, Somali shilling, Africa
South Korea, Seoul, won, Asia
Spain, Madrid, euro, Europe
Sudan, Khartoum, Sudanese pound, Africa
Suriname, Paramaribo, Surinamese dollar, South America
Sweden, Stockholm, Swedish krona, Europe
Switzerland, Bern, Swiss franc, Europe
Syria, Damascus, Syrian pound, Asia
Tajikistan, Dushanbe, somoni, Asia
Tanzania, Dodoma, Tanzanian shilling, Africa
Thailand, Bangkok, baht, Asia
Togo, Lome, West African franc, Africa
Tonga, Nuku'alofa, pa'anga, Oceania
Tunisia, Tunis, Tunisian dinar, Africa
Turkey, Ankara, Turkish lira, Asia
Turkmenistan, Ashgabat, manat, Asia
Uganda, Kampala, Ugandan shilling, Africa
Ukraine, Kyiv, hryvnia, Europe
United Kingdom, London, pound sterling, Europe
United States, Washington, United States dollar, North America
Uruguay, Montevideo, Uruguayan peso, South America
Uzbekistan, Tashkent, som, Asia
Vanuatu, Port Vila, vatu, Oceania
Venezuela, Caracas, bolivar, South America
Vietnam, Hanoi, dong, Asia
Yemen, Sanaa, Yemeni rial, Asia
Zambia, Lusaka, Zambian kwacha, Africa
`.trim().split('\n');
