-- What is live today: a small shop, with orders in it.
CREATE TABLE public.customer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email varchar(120) NOT NULL,
    joined timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public."order" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES public.customer,
    total numeric(10,2) NOT NULL,
    shipped boolean DEFAULT false NOT NULL
);

CREATE VIEW public.open_order AS
    SELECT o.id, c.email, o.total
    FROM public."order" o JOIN public.customer c ON c.id = o.customer_id
    WHERE NOT o.shipped;

INSERT INTO public.customer (email) VALUES ('ada@example.org'), ('bob@example.org');
INSERT INTO public."order" (customer_id, total, shipped) VALUES (1, 12.50, true), (1, 80, false), (2, 7.25, false);
