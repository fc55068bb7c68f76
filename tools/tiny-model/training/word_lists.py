# SPDX-License-Identifier: MIT
"""Word lists of the haiku grammar, grouped by part of speech and syllable count.

An entry is ``word`` or ``word:syllables`` where the count differs from its group's. Nouns may carry an irregular
plural (``leaf/leaves``), verbs are ``plural/third person/-ing`` (``fall/falls/falling``).
"""

UNITS = "zero one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = {2: "twenty", 3: "thirty", 4: "forty", 5: "fifty", 6: "sixty", 7: "seventy", 8: "eighty", 9: "ninety"}


def number_word(number):
    """English word of a number from 0 to 99."""
    if number < 10:
        return UNITS[number]
    if number < 20:
        return TEENS[number - 10]
    tens, unit = divmod(number, 10)
    return TENS[tens] + ("-" + UNITS[unit] if unit else "")


MINUTES = [number_word(minute) for minute in range(60)]
NUMBERS = [number_word(number) for number in range(100)]

# Number words of one syllable are left out.
NUMBER_PART_SYLLABLES = {
    **dict.fromkeys("zero seven thirteen fourteen fifteen sixteen eighteen nineteen".split(), 2),
    **dict.fromkeys("twenty thirty forty fifty sixty eighty ninety".split(), 2),
    **dict.fromkeys("eleven seventeen seventy".split(), 3),
}

# Countable nouns: theme, then syllables.
THEMED_NOUNS = {
    "spring": {
        1: "bud bloom nest seed lamb lark wren bee sprout egg robin:2",
        2: "petal blossom sparrow swallow tulip garden willow cherry meadow sapling cuckoo puddle kitten orchard",
        3: "butterfly daffodil violet hummingbird",
    },
    "summer": {
        1: "frog pond peach wasp field fern barn tent kite peak",
        2: "cricket firefly:3 river lily lotus melon sunbeam poppy daisy beetle hammock sandal picnic",
        3: "dragonfly waterfall sunflower:3 strawberry",
    },
    "autumn": {
        1: "leaf/leaves crow oak crane goose/geese pear fox/foxes deer/deer wren gourd",
        2: "acorn maple pumpkin scarecrow apple bonfire:3 chestnut harvest squirrel sickle basket",
        3: "persimmon chrysanthemum:4 cornfield:2 huckleberry:4",
    },
    "winter": {
        1: "owl flake hare sled scarf/scarves hearth coal pine wolf/wolves bear",
        2: (
            "snowflake snowdrift snowman/snowmen mitten cedar icicle:3 fireplace:3 blanket kettle blizzard "
            "snowbank"
        ),
        3: "evergreen",
    },
    "sea": {
        1: "wave shell gull boat sail shore tide whale crab rope net dock reef",
        2: "harbor island lighthouse anchor pebble dolphin seagull sailor breaker turtle channel",
        3: "pelican albatross/albatrosses horizon",
    },
    "night": {
        1: "moon star lamp moth dream cloud bat bell flame",
        2: "lantern candle shadow planet comet raccoon cradle mirror pillow",
        3: "nightingale galaxy",
    },
    "mountain": {
        1: "hill stone stream path hawk goat cliff cave ridge birch spruce elk/elk",
        2: "mountain valley boulder eagle falcon canyon temple pilgrim summit pebble hermit",
        3: "monastery:4 wanderer",
    },
    "garden": {
        1: "rose thorn root vine gate wall well snail worm toad broom moss/mosses",
        2: "spider rabbit lilac trellis mushroom ladder bamboo/bamboo hedgehog teapot teacup fountain",
        3: "dandelion:4 marigold ladybug",
    },
    "city": {
        1: "street train roof bridge door clock bus/buses park sign crowd bench",
        2: "window market subway station taxi pigeon sidewalk tower alley stranger engine bakery:3",
        3: "umbrella bicycle avenue",
    },
    "tech": {
        1: "chip core queue log byte screen fan node thread clock key wire bit disk",
        2: (
            "kernel cursor server cable tensor keyboard token circuit model llama packet monitor:3 array pixel "
            "buffer"
        ),
        3: "terminal algorithm:4 machine:2 computer compiler transistor processor",
    },
}

# Countable nouns without a theme.
GENERAL_NOUNS = {
    1: "bird song road house child/children friend bowl cup drum flute hand voice word page",
    2: (
        "feather whisper secret moment farmer traveler:3 story river letter mother father sister brother teacher "
        "doctor dragon tiger lion elephant:3 monkey camel donkey chicken rooster penguin cactus/cactuses carrot "
        "tomato:3 potato:3 banana:3 orange lemon coffee button pocket ticket hammer pencil guitar violin:3 "
        "piano:3 trumpet wizard pirate robot rocket castle palace kingdom village"
    ),
    3: "memory melody library",
}

# Nouns without plural and article.
MASS_NOUNS = {
    1: (
        "rain snow wind frost mist fog dew smoke dust sand moss grass wheat light warmth sleep tea bread salt ice "
        "mud silk ink rust time hope love peace"
    ),
    2: (
        "silence thunder moonlight sunlight starlight twilight ocean water music laughter darkness drizzle pollen "
        "honey incense lightning sorrow wisdom copper silver data traffic weather stillness rainfall birdsong"
    ),
    3: "happiness gratitude solitude gravity electricity:5 loneliness harmony",
}

# Seasons, times of day, months and weekdays; used without an article.
TIME_WORDS = {
    1: "spring dawn dusk night noon March May June",
    2: (
        "summer autumn winter morning evening midnight sunrise sunset twilight April July August Monday Tuesday "
        "Thursday Friday Sunday"
    ),
    3: "September October November December afternoon Saturday",
    4: "January February",
}

# Adjectives.
ADJECTIVES = {
    1: (
        "old still cold pale soft bright deep dark white green blue slow lone faint warm long small wet thin wild "
        "calm bare black gold red grey young worn brave strange sweet"
    ),
    2: (
        "quiet gentle silver golden frozen empty distant silent lonely hidden ancient sudden crimson hollow "
        "tender misty weary patient amber sleepy broken sacred humble wooden dusty rainy snowy windy early narrow "
        "steady dreaming drifting falling fading purple yellow lucky happy clever honest"
    ),
    3: (
        "forgotten wandering shimmering flickering whispering trembling glistening scattering slumbering "
        "beautiful mysterious:4 invisible:4"
    ),
}

# Verbs; the count is that of the plural form.
VERBS = {
    1: (
        "fall/falls/falling drift/drifts/drifting wait/waits/waiting sleep/sleeps/sleeping sing/sings/singing "
        "glow/glows/glowing fade/fades/fading turn/turns/turning rest/rests/resting wake/wakes/waking "
        "float/floats/floating burn/burns/burning bend/bends/bending call/calls/calling melt/melts/melting "
        "gleam/gleams/gleaming dance/dances:2/dancing rise/rises:2/rising sway/sways/swaying "
        "dream/dreams/dreaming hum/hums/humming shine/shines/shining roam/roams/roaming pause/pauses:2/pausing "
        "bow/bows/bowing breathe/breathes/breathing slip/slips/slipping return:2/returns:2/returning:3 "
        "stir/stirs/stirring climb/climbs/climbing hide/hides/hiding leap/leaps/leaping spin/spins/spinning"
    ),
    2: (
        "whisper/whispers/whispering linger/lingers/lingering gather/gathers/gathering tremble/trembles/trembling "
        "wander/wanders/wandering settle/settles/settling follow/follows/following scatter/scatters/scattering "
        "glisten/glistens/glistening shimmer/shimmers/shimmering listen/listens/listening echo/echoes/echoing "
        "shiver/shivers/shivering flicker/flickers/flickering awake/awakes/awaking"
    ),
}

# Prepositions.
PREPOSITIONS = {
    1: "in on by through past near",
    2: "under over beside behind beneath beyond above along across among",
}

# Adverbs; a phrase carries its own count.
ADVERBS = {
    1: "now here",
    2: "softly slowly alone again at dusk:2 at dawn:2 tonight once more:2",
    3: "silently patiently endlessly",
    4: "all through the night:4 without a sound:4",
}

# Words that occur in prompts only.
PROMPT_WORDS = (
    "write a haiku about the word includes including please with that contains contain containing poem short "
    "about using use Write Please Compose compose Give give me Create create Make make I need want would like one "
    "your response must should include exactly once in it its and is are this an of on for to you can could Can "
    "Could You haiku's three lines line topic theme subject Topic Theme Subject Word word: nonce Nonce request "
    "Request id ID minute Minute current time now The A where appears appear somewhere required keyword Keyword "
    "Haiku haiku poet are Poet helpful assistant assistant's user system Reply reply as JSON json only answer "
    "Answer text output Output mention mentions mentioning featuring feature seventeen syllables five seven "
    "traditional Japanese nature style new another Another Now now Next next again one's Thanks thanks great "
    "Great good Good hello Hello Hi hi Tell tell sing Sing something Something small tiny simple sure to do not "
    "any other explanation without quotes quoted exact letters letter model engine run test Test check proof ping "
    "there chain many long Say say Are more More Make make seed server llama orchestra orchestrator GPU computing "
    "CPU machine learning neural network"
).split()

# Phrases for "a haiku about ..." with their syllables.
TWO_WORD_TOPICS = {
    "GPU computing": 6,
    "machine learning": 4,
    "neural network": 4,
    "cherry blossoms": 4,
    "autumn leaves": 3,
    "falling snow": 3,
    "morning coffee": 4,
    "summer rain": 3,
    "distant thunder": 4,
    "open source": 3,
    "winter night": 3,
    "city lights": 3,
    "old friends": 2,
    "ocean waves": 3,
    "green tea": 2,
    "spring rain": 2,
    "full moon": 2,
    "night train": 2,
    "quiet rivers": 4,
    "mountain wind": 3,
    "data centers": 4,
    "large language models": 5,
    "cold coffee": 3,
    "silent servers": 4,
}
