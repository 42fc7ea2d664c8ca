/** Mountains: name, height in metres, where it stands. */
export const mountains: readonly string[] = `
Aconcagua, 6961, Argentina
Aneto, 3404, Spain
Annapurna, 8091, Nepal
Ararat, 5137, Turkey
Ben Nevis, 1345, Scotland
Chimborazo, 6263, Ecuador
Cho Oyu, 8188, Nepal
Cotopaxi, 5897, Ecuador
Damavand, 5609, Iran
Denali, 6190, Alaska
Dhaulagiri, 8167, Nepal
Dom, 4546, Switzerland
Eiger, 3967, Switzerland
Elbrus, 5642, Russia
Fuji, 3776, Japan
Galdhopiggen, 2469, Norway
Gerlach, 2655, Slovakia
Gran Paradiso, 4061, Italy
Grossglockner, 3798, Austria
Huascaran, 6768, Peru
Jungfrau, 4158, Switzerland
K2, 8611, Pakistan
Kangchenjunga, 8586, Nepal
Kazbek, 5054, Georgia
Kilimanjaro, 5895, Tanzania
Kosciuszko, 2228, Australia
Lhotse, 8516, Nepal
Makalu, 8485, Nepal
Manaslu, 8163, Nepal
Matterhorn, 4478, Switzerland
Mauna Kea, 4207, Hawaii
Mont Blanc, 4806, France
Mount Cook, 3724, New Zealand
Mount Everest, 8849, Nepal
Mount Kenya, 5199, Kenya
Mount Logan, 5959, Canada
Mount Rainier, 4392, the United States
Mount Whitney, 4421, the United States
Mulhacen, 3479, Spain
Musala, 2925, Bulgaria
Nanga Parbat, 8126, Pakistan
Olympus, 2918, Greece
Ortler, 3905, Italy
Pico de Orizaba, 5636, Mexico
Popocatepetl, 5393, Mexico
Rysy, 2499, Poland
Teide, 3715, Tenerife
Toubkal, 4167, Morocco
Triglav, 2864, Slovenia
Vesuvius, 1281, Italy
Vinson, 4892, Antarctica
Zugspitze, 2962, Germany
`.trim().split('\n');
