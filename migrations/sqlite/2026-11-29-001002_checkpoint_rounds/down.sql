DROP TABLE checkpoint_rounds;
