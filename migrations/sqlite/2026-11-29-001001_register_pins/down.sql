DROP TABLE register_pins;
