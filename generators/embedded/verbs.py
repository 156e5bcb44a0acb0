"""Verbs that descriptions of functions begin with, in their base form."""

VERBS = frozenset(
    """
abort absorb accelerate accept access accumulate acknowledge acquire activate adapt add address
adjust advance advertise aggregate alert align allocate allow amend amplify analyse analyze anchor
annotate announce anonymise anonymize answer append apply appoint approve approximate archive arm
arrange ask assemble assert assess assign assume assure attach attempt audit augment authenticate
authorise authorize average avoid award backfill backup bake balance ban benchmark bend bill bin
binarize bind blend block book bookmark boost bootstrap break brew bring broadcast browse build bump
bundle burn buy bypass cache calculate call cancel capitalise capitalize capture cast categorise
categorize change charge chart chat check choose chunk clamp classify clean clear click clip clone
close cluster coerce collapse collect colorize combine comment commit compact compare compensate
compile complete compose compress compute concat concatenate condense configure confirm conjugate
conjure connect consolidate constrain construct consult consume contact contain continue control
convert cook coordinate copy correct correlate count cover craft crawl create crop cube curate
customise customize cut cycle deactivate deal debit debug decide declare decline decode decompose
decompress decrease decrypt deduce deduct deduplicate define delay delete deliver demote denoise
denormalise denormalize depict deploy deposit dequeue dereference derive describe deserialise
deserialize detect determine dial diff digitise digitize dilute dim disable disassemble discard
disconnect discount discover dismiss dispatch display dissolve distribute ditch divide dock document
donate double download draft drain draw drive drop dump duplicate dye earn ease edit elect eliminate
email embed emit empty emulate enable enclose encode encrypt end engrave enhance enlarge enqueue
enrich enrol enroll ensure enter enumerate equalise equalize erase escalate escape establish
estimate etch evaluate evict evolve examine exchange exclude execute exit expand expect expire
explain explore exponentiate export expose express extend extract factor factorise factorize
favorite favourite feed fetch figure file fill filter finalise finalize find finish fire fit fix
flag flash flatten flip flush fold follow force forecast fork format forward found freeze fund fuse
garnish gather generate geocode get give glue go grab grade grant greet grep group guard guess guide
halve handle hash help hide highlight hire hit hold host hyphenate identify ignore illustrate
impersonate import improve include increase increment indent index infer inform initialise
initialize inject insert inspect install instantiate integrate interpolate interpret intersect
introspect invert invest invite invoke issue iterate jitter join judge jump justify keep kick kill
label land launch lay learn leave lemmatize lend limit link list listen load locate lock log login
logout look lookup lower lowercase mail make manage map mark mash mask match maximise maximize
measure mention merge migrate minimise minimize mint mirror mix mock modify monitor mount move
multiply mute name negate nest normalise normalize notarize notify nudge number obfuscate observe
obtain offer omit onboard open operate opt optimise optimize order outline output overlay override
overwrite pack pad page paint pair parametrize park parse partition paste patch pause pay peek peel
perform permute persist phone pick pin ping pipe place plan plant play plot pluralize poke polish
poll pop populate post pour praise predict prefetch prefix prepare prepend prescribe present press
prevent preview print prioritise prioritize probe process produce project promote prompt propose
prove provide prune pseudonymize publish pull punch purchase purge push put qualify quantize
quarantine query queue quicken quiz quote raise randomise randomize rank rasterize rate reach react
read rearrange rebase reboot rebuild recalculate recall receive reclaim recolor recommend reconcile
reconnect record recover recreate rectify recycle redact redeem reduce refine reformat refresh
refund register reject rejoin relate relay release reload remap remind remix remove rename render
renew reorder repair repeat replace reply report repost represent reproduce request require reroute
rerun resample rescale reschedule resend reserve reset resize resolve respond restart restore
restrict resume retire retrieve retry return retweet reverse revert review revoke reword rewrite
rinse roll rotate round route run sample sanitise sanitize save say scale scan schedule score scrape
scrub seal search seed seek segment select sell send separate serialise serialize serve set shape
share shave shift ship shorten shout show shrink shuffle shut sign signal simplify simulate
singularize sketch skip slice slow slugify smooth snap sniff snooze soften solve sort spawn specify
spell spin splice split sponsor spread square stack stage stamp standardise standardize start stem
stitch stop store stream stretch stringify strip subscribe subset substitute subtract suggest sum
summarise summarize supply surface survey suspend swap swipe switch symlink sync synchronise
synchronize tabulate tag tail take tally tap taste tear tell test thank throttle throw tidy tie tilt
tint tip toggle tokenise tokenize toss total touch tow trace track trade train transcribe transfer
transform translate transliterate transpose traverse treat triangulate trigger trim truncate try
tune turn tweet twist type uncompress undelete underline underscore undo unescape unfold unfollow
unify uninstall unite unlock unmute unpack unpin unquote unregister unset unshare unstar unsubscribe
untag unwrap unzip upcase update upgrade upload uppercase upsample upsert use vacuum validate vary
vectorise vectorize verify veto view visit void vote wait walk warm warn wash watch weigh weight
whitelist widen winsorize wipe wire wish withdraw work wrangle wrap write yield zip zoom
""".split()
)
