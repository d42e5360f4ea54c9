export const words = "Модуль загружен";
