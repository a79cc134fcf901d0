export {
  connectionKeys,
  helpTexts,
  isVisible,
  type Locales,
  localText,
  type SettingField,
  settingFields,
} from "./fields.ts";
export {
  type SettingHint,
  type SettingType,
  setting,
  settings,
  settingTypes,
  type VisibleIf,
} from "./setting.ts";
