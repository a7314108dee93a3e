/// The words that generated people, characters and titles are composed from.
enum SampleWords {
  static let givenNames = [
    "Ada", "Aino", "Amélie", "Anselm", "Ayşe", "Bára", "Bruno", "Camila", "Chidi", "Dagný", "Dario", "Eero",
    "Elif", "Emeka", "Fátima", "Félix", "Gaël", "Greta", "Hana", "Hugo", "Ilse", "Inês", "Ivo", "João",
    "Jorge", "Kaito", "Katrín", "Lachlan", "Leïla", "Lucía", "Łucja", "Mateus", "Mei", "Milan", "Nadège",
    "Noor", "Ødger", "Oona", "Paulo", "Petra", "Quentin", "Rafael", "Rosa", "Sanjay", "Şirin", "Søren",
    "Tamás", "Thandi", "Uğur", "Valentina", "Vít", "Wiebke", "Xavier", "Yara", "Yūki", "Zoë",
  ]

  static let familyNames = [
    "Abernathy", "Adeyemi", "Ågren", "Almeida", "Bakker", "Barros", "Bělohlávek", "Brandão", "Castellanos",
    "Çelebi", "Corrêa", "Dahlström", "D'Amico", "Drăgan", "Eriksen", "Estévez", "Falkenberg", "Farkas",
    "Ferreira", "Gutiérrez", "Gwozdek", "Hämäläinen", "Hartigan", "Ishiguro", "Jørgensen", "Kapoor",
    "Kovačević", "Lindqvist", "Łobodziński", "Magalhães", "Mbeki", "Müller-Voss", "Nakagawa", "Nuñez",
    "O'Rourke", "Okonkwo", "Öztürk", "Papadakis", "Peñalver", "Quesnel", "Řezníček", "Rosario",
    "Saint-Clair", "Santoro", "Šimek", "Thistlewood", "Tōyama", "Uribe", "Valdés", "Weißmann", "Yılmaz",
    "Zając", "Zdravković",
  ]

  static let originalNames = [
    "Анна Ветрова", "Борис Ясенев", "Οδυσσέας Καλλής", "Δάφνη Ρήγα", "山吹 葵", "白川 蓮", "林小雨", "陳柏安",
    "한서윤", "박도현", "लीला वर्मा", "आरव राय", "نور الهادي", "סיון לביא", "ปรีชา แสงทอง", "Մարիամ Սարյան",
  ]

  static let characters = [
    "Self", "Narrator", "The Baker", "Young Woman", "Old Man at the Well", "Policeman #2", "Doctor",
    "Captain Moreau", "Sister Inês", "Bartender", "The Stranger", "Boy on Bicycle", "Waitress", "Judge",
    "Tante Hélène", "Soldier", "Herr Vogt", "Mrs. Pettigrew", "Radio Announcer", "Dançarina", "Köchin",
  ]

  /// With JSON escapes.
  static let charactersWithEscapes = [
    #"Bride \u0026 Widow"#, #"Nurse \u0026 Pilot"#, #"Walter \"The Crow\" Lindt"#, #"Twins A \u0026 B"#,
    #"Rosa \"Rosinha\" Prado"#,
  ]

  static let titleStarts = [
    "The Last", "A Quiet", "Seven", "Beyond the", "Under a", "Der stille", "La dernière", "O Último",
    "Una", "Night of the", "Return to the", "Letters from a", "Zwei", "Förlorade", "Another", "Winter",
  ]

  static let titleEnds = [
    "Harbour", "Orchard", "Señorita", "Lighthouse", "Promise", "Été", "Garden", "Verão", "Station",
    "Summer", "River", "Fährmann", "Clockmaker", "Promenade", "Horizon", "Château", "Letter", "Violin",
    "Canção", "Bridge", "Neighbour", "Daughter", "Island", "Żuraw", "Storm", "Mirror", "Road", "Winter",
  ]

  static let languages = ["en", "pt", "fr", "de", "es", "it", "ja", "sv", "pl", "tr"]

  static let overviews = [
    "A lighthouse keeper takes in a stranger who claims to know every ship by its bell.",
    "Two sisters inherit an orchard and the debts that lie buried under it.",
    "When the last train leaves the valley, those who stayed learn what they were waiting for.",
    "Um relojoeiro descobre que a cidade inteira vive uma hora atrasada.",
    "A violinist with no memory of her past is asked to play at her own \\\"farewell\\\" concert.",
    "Baker \\u0026 daughter against the sea: a winter on an island that nobody else wants.",
  ]
}
