-- A later day: a label more, in the middle, and the default of new orders at once. PostgreSQL lets nobody use a new
-- label in the transaction that adds it, so this is a plan of two groups.
CREATE TABLE public.customer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL,
    joined timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public."order" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES public.customer ON DELETE RESTRICT,
    total numeric(10,2) NOT NULL CHECK (total >= 0),
    shipped boolean DEFAULT false NOT NULL,
    status public.order_status DEFAULT 'draft' NOT NULL
);

CREATE TYPE public.order_status AS ENUM ('draft', 'new', 'paid', 'shipped', 'returned');
COMMENT ON TYPE public.order_status IS 'The life of an order, in its order';

CREATE VIEW public.open_order AS
    SELECT o.id, c.email, o.total, o.status
    FROM public."order" o JOIN public.customer c ON c.id = o.customer_id
    WHERE o.status IN ('draft', 'new', 'paid');

CREATE INDEX order_by_status ON public."order" (status) WHERE status <> 'shipped';
