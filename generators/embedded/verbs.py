"""Verbs that descriptions of functions begin with, in their base form."""

VERBS = frozenset(
    """
accept access activate add adjust advance aggregate align allocate allow analyse analyze annotate
announce append apply approve approximate archive arrange ask assemble assert assess assign assure
attach audit authenticate authorise authorize average balance ban bind blend block book boost break
bring browse build bundle buy calculate call cancel capitalise capitalize capture cast categorise
categorize change charge chart check choose chunk clamp classify clean clear click clip clone close
cluster collapse collect combine compare compile complete compose compress compute concatenate
configure confirm connect construct consume contact contain continue convert coordinate copy correct
correlate count crawl create crop cube cut deactivate debit decide declare decline decode decompose
decompress decrease decrypt deduct deduplicate define delay delete deliver denormalise denormalize
deploy derive describe deserialise deserialize detect determine diff disable discover dispatch
display distribute divide double download draft draw drop dump duplicate earn edit email embed emit
empty enable encode encrypt end enlarge enqueue enrol ensure enter enumerate escape establish
estimate evaluate examine exchange exclude execute exit expand expect explain explore export express
extend extract factor factorise factorize fetch figure file fill filter find finish fit fix flag
flatten flip follow forecast format forward gather generate get give go grade greet group guess
handle hash help hide highlight hold identify ignore import improve include increase increment
indent index infer inform initialise initialize insert inspect install interpolate interpret
intersect invert invite invoke issue iterate join judge keep label launch lay learn leave list load
locate lock log look lookup lower make manage map mark mask match maximise maximize measure merge
minimise minimize mix modify monitor move multiply name negate normalise normalize notify number
obtain offer open operate optimise optimize order output overwrite pack pad paint parse partition
paste patch pause pay perform permute pick place plan play plot poll pop post predict prefix prepare
prepend present preview print prioritise prioritize process produce project promote propose provide
prune publish pull purchase push put query queue quote raise randomise randomize rank rate reach
read rebuild receive recommend record recover redact redeem reduce refine reformat refresh refund
register reject release reload remind remove rename render renew reorder repeat replace reply report
represent request require rescale reschedule reserve reset resize resolve respond restart restore
restrict resume retrieve retry return reverse revert review revoke rewrite roll rotate round route
run sample sanitise sanitize save say scale scan schedule score scrape search select send separate
serialise serialize serve set share shift ship shorten show shuffle sign simplify simulate skip
slice slugify solve sort specify split spell square stack standardise standardize start stop store
stream strip subscribe substitute subtract suggest sum summarise summarize supply suspend swap
switch sync synchronise synchronize tag take tell test tokenise tokenize toggle total trace track
train transfer transform translate transpose trigger trim truncate try turn uncompress undo unescape
unfold unlock unpack unquote unregister unsubscribe unwrap unzip update upgrade upload upsample use
validate verify vectorise vectorize view visit vote wait walk warn wash watch weigh withdraw work
wrap write yield zip zoom
""".split()
)
