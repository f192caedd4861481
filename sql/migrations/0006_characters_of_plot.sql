-- All characters of a plot, the deleted ones as well: a deleted plot is removed with those alone.

CREATE INDEX characters_of_plot ON characters (plot_id, id);
