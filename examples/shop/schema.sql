-- What the shop should be: orders get a status, an enum that did not exist before, with one of its labels as the
-- default. The file says what shall be, in any order; how to get there is ordain's part.
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
    status public.order_status DEFAULT 'new' NOT NULL
);

CREATE TYPE public.order_status AS ENUM ('new', 'paid', 'shipped', 'returned');
COMMENT ON TYPE public.order_status IS 'The life of an order, in its order';

CREATE VIEW public.open_order AS
    SELECT o.id, c.email, o.total, o.status
    FROM public."order" o JOIN public.customer c ON c.id = o.customer_id
    WHERE o.status IN ('new', 'paid');

CREATE INDEX order_by_status ON public."order" (status) WHERE status <> 'shipped';
