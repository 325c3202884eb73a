"""How an account becomes that of one person with a home: four ways behind one small interface, all off unless configured."""
