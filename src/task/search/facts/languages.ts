/** Languages: name, family, where it is spoken. */
export const languages: readonly string[] = `
Albanian, Indo-European, Albania
Amharic, Semitic, Ethiopia
Arabic, Semitic, Egypt
Armenian, Indo-European, Armenia
Basque, isolated, Spain
Bengali, Indo-Aryan, Bangladesh
Breton, Celtic, France
Bulgarian, Slavic, Bulgaria
Burmese, Sino-Tibetan, Myanmar
Catalan, Romance, Spain
Czech, Slavic, Czechia
Danish, Germanic, Denmark
Dutch, Germanic, the Netherlands
English, Germanic, the United Kingdom
Estonian, Uralic, Estonia
Finnish, Uralic, Finland
French, Romance, France
Georgian, Kartvelian, Georgia
German, Germanic, Germany
Greek, Indo-European, Greece
Hausa, Chadic, Nigeria
Hebrew, Semitic, Israel
Hindi, Indo-Aryan, India
Hungarian, Uralic, Hungary
Icelandic, Germanic, Iceland
Igbo, Volta-Niger, Nigeria
Indonesian, Austronesian, Indonesia
Irish, Celtic, Ireland
Italian, Romance, Italy
Japanese, Japonic, Japan
Kazakh, Turkic, Kazakhstan
Khmer, Austroasiatic, Cambodia
Korean, Koreanic, South Korea
Latvian, Baltic, Latvia
Lithuanian, Baltic, Lithuania
Maltese, Semitic, Malta
Maori, Polynesian, New Zealand
Mongolian, Mongolic, Mongolia
Nepali, Indo-Aryan, Nepal
Norwegian, Germanic, Norway
Persian, Iranian, Iran
Polish, Slavic, Poland
Portuguese, Romance, Portugal
Quechua, Quechuan, Peru
Romanian, Romance, Romania
Russian, Slavic, Russia
Samoan, Polynesian, Samoa
Slovak, Slavic, Slovakia
Slovene, Slavic, Slovenia
Somali, Cushitic, Somalia
Spanish, Romance, Spain
Swahili, Bantu, Tanzania
Swedish, Germanic, Sweden
Tagalog, Austronesian, the Philippines
Tamil, Dravidian, India
Thai, Kra-Dai, Thailand
Turkish, Turkic, Turkey
Ukrainian, Slavic, Ukraine
Urdu, Indo-Aryan, Pakistan
Vietnamese, Austroasiatic, Vietnam
Welsh, Celtic, Wales
Yoruba, Volta-Niger, Nigeria
Zulu, Bantu, South Africa
`.trim().split('\n');
