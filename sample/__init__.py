"""The bundled sample: real films, synthetic raters, and the model that makes them."""
