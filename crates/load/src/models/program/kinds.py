# Enums and domains: PostgreSQL has one of a name, and models may spell it in many places.


class Place:
    """One spelling of a named type."""

    def __init__(self, where, type_, labels, spelling, members):
        self.where = where
        self.type = type_
        # None of a domain.
        self.labels = labels
        # What it says, to be shown and compared.
        self.spelling = spelling
        # Of a Python enum class: [(name, value)], aliases left out.
        self.members = members


class Types:
    """Every named type that the tables and metadata use: (schema, name) → its spellings."""

    def __init__(self, recorder):
        self.recorder = recorder
        self.places = {}
        # Used by tables that are there already and nowhere else: not for us to make.
        self.foreign = set()

    def key(self, type_):
        return (self.recorder.schema_for_object(type_), type_.name)

    def add_table(self, table, ours):
        for column in table.columns:
            if ours:
                self.default(table, column)
            for type_, original in named_types(column.type, self.recorder.dialect):
                where = "%s.%s" % (table.fullname, column.name)
                if ours:
                    self.add(where, type_, original)
                elif type_.name:
                    self.foreign.add(self.key(type_))

    def add(self, where, type_, original):
        if not type_.name:
            raise Stop(
                "%s: its enum has no name, and PostgreSQL needs one" % where,
                "say Enum(…, name='…')",
            )
        labels = list(type_.enums) if hasattr(type_, "enums") else None
        if labels is None:
            spelling = str(create_type(type_).compile(dialect=self.recorder.dialect))
        else:
            spelling = ", ".join(repr(label) for label in labels)
        place = Place(where, type_, labels, spelling, members(original) or members(type_))
        others = self.places.setdefault(self.key(type_), [])
        for other in others:
            if other.spelling != spelling:
                raise Stop(
                    "type %s is spelled in two ways\n  %s: %s\n  %s: %s"
                    % (type_name(self.key(type_)), other.where, other.spelling, where, spelling),
                    "PostgreSQL has one type of a name in a schema: use one type in both places, or give one another name",
                )
        others.append(place)

    def default(self, table, column):
        """A default that is no label is refused by the server; the other half of a Python enum is the usual reason."""
        text = getattr(column.server_default, "arg", None)
        for type_, original in named_types(column.type, self.recorder.dialect):
            labels, known = getattr(type_, "enums", None), members(original) or members(type_)
            if not isinstance(text, str) or labels is None or text in labels:
                continue
            other = next((pair for pair in known if text in pair), None)
            if other is not None:
                label = other[1] if other[1] in labels else other[0]
                raise Stop(
                    "%s.%s: its server default %r is no label of %s, which has: %s"
                    % (table.fullname, column.name, text, type_.name, ", ".join(labels)),
                    "say server_default=%r, or let values_callable choose what the labels are" % label,
                )

    def wants(self, type_):
        """Whether a CREATE TYPE that SQLAlchemy sends is for us to keep."""
        key = self.key(type_)
        if key in self.foreign and key not in self.places:
            return False
        if hasattr(type_, "enums") and key not in self.places:
            self.add("the metadata", type_, type_)
        return True

    def missing(self):
        """Types that columns use and no event of SQLAlchemy created (a variant of a plain type, say)."""
        for key, places in sorted(self.places.items(), key=lambda item: (item[0][0] or "", item[0][1])):
            made = [place for place in places if creates(place.type)]
            kinds = ("create_enum_type", "create_domain_type")
            if made and not any((kind,) + key in self.recorder.made for kind in kinds):
                yield made[0].type

    def described(self):
        enums, existing = [], []
        for (schema, name), places in self.places.items():
            created = any(creates(place.type) for place in places)
            if not created:
                existing.append({"schema": schema, "name": name, "where": places[0].where})
            if places[0].labels is not None:
                known = next((place.members for place in places if place.members), [])
                enums.append(
                    {
                        "schema": schema,
                        "name": name,
                        "labels": places[0].labels,
                        "members": known,
                        "where": places[0].where,
                        "created": created,
                    }
                )
        return enums, existing


def creates(type_):
    return getattr(type_, "create_type", True)


def type_name(key):
    return key[1] if key[0] is None else "%s.%s" % key


def members(type_):
    """Names and values of the Python class behind an Enum, where the values are strings."""
    python = getattr(type_, "enum_class", None)
    if python is None:
        return []
    values = [(name, member.value) for name, member in python.__members__.items() if member.name == name]
    return [list(each) for each in values if isinstance(each[1], str)]


def named_types(type_, dialect):
    """The types of PostgreSQL that a column's type comes to and that have a name of their own, each with what
    the model says: through decorators, variants and arrays."""
    from sqlalchemy.types import ARRAY, TypeDecorator

    seen = 0
    original = type_
    while seen < 20:
        seen += 1
        if isinstance(original, TypeDecorator):
            implementation = original.load_dialect_impl(dialect)
            if implementation is original or implementation is None:
                break
            original = implementation
            continue
        variants = getattr(original, "_variant_mapping", None)
        if variants and dialect.name in variants:
            original = variants[dialect.name]
            continue
        break
    if isinstance(original, ARRAY):
        for each in named_types(original.item_type, dialect):
            yield each
        return
    # The copy that a dialect makes of its own type forgets create_type in 1.4.
    final = original if is_named(original) else original.dialect_impl(dialect)
    if isinstance(final, TypeDecorator):
        return
    if isinstance(final, ARRAY):
        for each in named_types(final.item_type, dialect):
            yield each
    elif type(final).__module__.startswith("sqlalchemy.dialects.postgresql") or is_named(final):
        if is_named(final):
            yield final, original
        if is_domain(final):
            for each in named_types(final.data_type, dialect):
                yield each


def is_named(type_):
    from sqlalchemy.dialects import postgresql

    if isinstance(type_, postgresql.ENUM):
        return True
    return is_domain(type_)


def is_domain(type_):
    from sqlalchemy.dialects import postgresql

    domain = getattr(postgresql, "DOMAIN", None)
    return domain is not None and isinstance(type_, domain)
